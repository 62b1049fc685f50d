import { configurationOf, type Model, newestVersion, selfIn } from '../../engine/model.ts';
import { proposalsOn } from '../../state/proposals.ts';
import { isAuthorised } from '../../state/quorum.ts';
import { diffRegistry, summariseRegistry } from '../../state/registry-diff.ts';
import { judgementOf } from '../../state/state.ts';
import type { Version } from '../../state/versions.ts';
import type { Hash } from '../../units.ts';
import type { Methods } from '../protocol.ts';

/** Candidates on the newest version that lack signatures, and this principal's among them. */
export function reportUnsigned(model: Model): Methods['unsigned']['result'] {
  const newest = newestVersion(model);
  const self = newest === null ? null : selfIn(model, newest.roster);
  if (newest === null || self === null || !self.roles.includes('issuer')) return [];
  return proposalsOn(model.state.membership, newest)
    .filter(({ roster, signers }) => !isAuthorised(signers, newest.roster, roster))
    .filter(({ signers }) => !signers.has(self.id))
    .map(({ id, version, author, message }) => ({
      ...{ candidate: id, version, author, message },
      ...contentOf(model, newest, id),
    }));
}

// Whoever signs has to see what this host makes of it, not what its author says of it.
function contentOf(model: Model, newest: Version, id: Hash) {
  const verdict = judgementOf(model.state, id);
  if (verdict.kind === 'waiting') return { ...NOTHING, refused: 'waiting' };
  if (verdict.kind === 'refused') return { ...NOTHING, refused: `${verdict.reason}: ${verdict.detail}` };
  const before = configurationOf(model, newest)?.registry;
  const changes = before === undefined ? [] : diffRegistry(before, verdict.configuration.registry);
  const shown = changes.map(({ depth: _, ...change }) => change);
  return { changes: shown, summary: summariseRegistry(changes), refused: null };
}

const NOTHING = { changes: [], summary: [] } as const;
