import { type Model, newestVersion, selfIn } from '../../engine/model.ts';
import { proposalsOn } from '../../state/proposals.ts';
import { isAuthorised } from '../../state/quorum.ts';
import type { Methods } from '../protocol.ts';

/** Candidates on the newest version that lack signatures, and this principal's among them. */
export function reportUnsigned(model: Model): Methods['unsigned']['result'] {
  const newest = newestVersion(model);
  const self = newest === null ? null : selfIn(model, newest.roster);
  if (newest === null || self === null || !self.roles.includes('issuer')) return [];
  return proposalsOn(model.state.membership, newest)
    .filter(({ roster, signers }) => !isAuthorised(signers, newest.roster, roster))
    .filter(({ signers }) => !signers.has(self.id))
    .map(({ id, version, author, message }) => ({ candidate: id, version, author, message }));
}
