import type { Decision } from '../../core/decide/decision.ts';
import { governing, mayAck, mayOpenTerm, mayVoid, type Slots } from '../../core/decide/vote.ts';
import { type Evidence, isTermOpen } from '../../core/state/evidence.ts';
import { countableAcks } from '../../core/state/proposals.ts';
import { type Ack, isClosed } from '../../core/state/quorum.ts';
import { certify, type Proposal, type Version } from '../../core/state/versions.ts';

/** What the model asks of the core, so that a mutant can answer one question wrongly. Every answer here is the core's own. */
export interface Rules {
  readonly certify: (proposal: Proposal, newest: Version, acks: readonly Ack[]) => Version | null;
  readonly countableAcks: typeof countableAcks;
  readonly isClosed: typeof isClosed;
  readonly isTermOpen: (evidence: Evidence, of: Version, hostClass: string, term: number) => boolean;
  readonly mayAck: (slots: Slots, proposal: Proposal, known: readonly Version[]) => Decision<string>;
  readonly mayVoid: (
    slots: Slots,
    version: number,
    known: readonly Version[],
    acksFor: (version: number) => readonly Ack[],
  ) => Decision<string>;
  readonly governing: typeof governing;
  readonly mayOpenTerm: typeof mayOpenTerm;
  /** The term that an ack states, of the highest that the voter has opened (−1 for none). */
  readonly stated: (opened: number) => number;
  /** Whether a principal's second log counts as if it were the first: one key, two memories. */
  readonly sharesKey: boolean;
}

/** The rules as they are. */
export const REAL: Rules = {
  certify,
  countableAcks,
  isClosed,
  isTermOpen,
  mayAck: (slots, proposal, known) => mayAck(slots, proposal, last(known)),
  mayVoid: (slots, version, known, acksFor) => mayVoid(slots, version, last(known), acksFor),
  governing,
  mayOpenTerm,
  stated: (opened) => opened,
  sharesKey: false,
};

/** The newest of the versions that somebody knows. */
export function last(known: readonly Version[]): Version {
  const newest = known.at(-1);
  if (newest === undefined) throw new Error('everybody knows the genesis');
  return newest;
}
