import { type Ack, memberOf, withRole } from '../../state/quorum.ts';
import type { Roster } from '../../state/roster.ts';
import type { Hash } from '../../units.ts';

/** A candidate or a version on its way, with the statements that count for it. */
export interface Rollout {
  readonly version: number;
  readonly id: Hash;
  readonly certified: boolean;
  readonly message: string;
  readonly parent: Roster;
  readonly child: Roster;
  readonly acks: readonly Ack[];
  readonly signers: ReadonlySet<string>;
}

/**
 * What a principal said for this version under one of its rosters, if anything; of several its word for this candidate.
 * Who begins anew under another key says nothing for the roster that names the old one.
 */
export function ackOf({ acks, id }: Rollout, principal: string, roster: Roster): Ack | undefined {
  const own = acks.filter(({ signatory, voter }) => {
    const by = signatory === undefined ? voter : memberOf(roster, signatory.log, signatory.key)?.id;
    return by === principal;
  });
  return own.find(({ candidate }) => candidate === id) ?? own[0];
}

/** Signatures of the old issuers or of the new ones, whichever lack more: both have to agree (rule R1). */
export function signaturesOf({ child, parent, signers }: Rollout): {
  readonly signed: number;
  readonly needed: number;
  readonly issuers: readonly string[];
} {
  const count = (roster: Roster) => {
    const issuers = [...withRole(roster, 'issuer')];
    const signed = issuers.filter((issuer) => signers.has(issuer)).length;
    return { signed, needed: roster.policy.issuers, issuers };
  };
  const [old, young] = [count(parent), count(child)];
  return young.needed - young.signed > old.needed - old.signed ? young : old;
}
