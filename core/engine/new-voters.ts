import { endOfLog } from '../state/evidence.ts';
import { withRole } from '../state/quorum.ts';
import type { Roster } from '../state/roster.ts';
import type { Version } from '../state/versions.ts';
import type { PrincipalId } from '../units.ts';
import type { Model } from './model.ts';

/**
 * Who gets a vote with this roster, and has none of its logs left to vote with: revoked or frozen, so that its acks would
 * never come and the quorum would be the larger for it. Who voted before and was shut out since is no matter of this version.
 */
export function votersWithoutVoice(model: Model, roster: Roster, parent: Version): readonly PrincipalId[] {
  const { evidence, forks } = model.state.membership;
  const before = new Set(withRole(parent.roster, 'voter'));
  return [...withRole(roster, 'voter')].filter((id) => {
    const logs = roster.members.get(id)?.logs ?? [];
    return !before.has(id) && logs.every(({ log }) => endOfLog(evidence, forks, parent.roster, log) !== null);
  });
}

/** What to say of one. */
export function withoutVoice(id: PrincipalId): string {
  return `${id} is revoked or frozen, and cannot vote: invite it again under a new key, or take the role away`;
}
