import { membersAmong } from '../state/evidence.ts';
import { newestOf } from '../state/membership.ts';
import { proposalOf } from '../state/proposals.ts';
import type { Hash } from '../units.ts';
import { answer, type Effect } from './effect.ts';
import { type Model, self, selfIn } from './model.ts';
import { lacksRole } from './publishing.ts';

/** Adds this issuer's signature under a candidate (rule R1) or a revocation (rule R8). */
export function signCandidate(model: Model, call: number, candidate: Hash): Effect[] {
  const lacking = lacksRole(model, 'issuer');
  const becomes = lacking?.reason === 'not-an-issuer' && becomesIssuer(model, candidate);
  if (lacking !== null && !becomes) return [answer(call, { ok: false, ...lacking })];
  const parent = newestOf(model.state.membership);
  const proposal = proposalOf(model.state.membership, candidate, parent);
  const member = self(model);
  if (model.state.membership.evidence.revocations.has(candidate))
    return signRevocation(model, call, candidate);
  if (proposal === null) {
    return [
      answer(call, {
        ok: false,
        reason: 'not-found',
        detail: `no candidate ${candidate} on version ${parent.version}`,
      }),
    ];
  }
  if (member !== null && proposal.signers.has(member.id)) {
    return [answer(call, { ok: false, reason: 'already-signed', detail: `${member.id} has signed it` })];
  }
  return [{ kind: 'append', record: { type: 'sign', body: { target: candidate } }, call }];
}

// Whom a candidate makes an issuer signs it too, or no realm could come to ask for more issuers than it has (rule R1).
function becomesIssuer(model: Model, candidate: Hash): boolean {
  const { membership } = model.state;
  const proposal = proposalOf(membership, candidate, newestOf(membership));
  return proposal !== null && selfIn(model, proposal.roster)?.roles.includes('issuer') === true;
}

function signRevocation(model: Model, call: number, target: Hash): Effect[] {
  const { evidence } = model.state.membership;
  const { roster } = newestOf(model.state.membership);
  const revocation = evidence.revocations.get(target);
  const signed = [
    ...(revocation === undefined ? [] : [revocation]),
    ...(evidence.signatures.get(target) ?? []),
  ];
  const member = self(model);
  if (member !== null && membersAmong(signed, roster).has(member.id)) {
    return [answer(call, { ok: false, reason: 'already-signed', detail: `${member.id} has signed it` })];
  }
  return [{ kind: 'append', record: { type: 'sign', body: { target } }, call }];
}
