import type { Hash, LogId, PublicKey } from '../units.ts';
import type { Body } from '../wire/bodies.ts';
import type { RecordReason } from '../wire/record.ts';
import type { Stray } from './record.ts';

/** Why records of a run are not taken. The `unknown-…` reasons may pass when more of the realm is known. */
export type VerifyReason =
  | RecordReason
  | 'wrong-realm'
  | 'wrong-log'
  | 'gap'
  | 'broken-chain'
  | 'bad-signature'
  | 'bad-genesis'
  | 'bad-join'
  | 'unknown-log'
  | 'unknown-invitation'
  | 'invitation-used'
  | 'unknown-signer';

/** What verifying needs to know of a record that is held already. */
export interface HeldRecord {
  readonly seq: number;
  readonly hash: Hash;
  /** The key that signed its log. */
  readonly key: PublicKey;
  /** The record as received. */
  readonly bytes: Uint8Array;
  /** The data of a `part`; null for other types. */
  readonly part: Uint8Array | null;
}

/** What verifying needs to know of the ledger. */
export interface Known {
  /** The realm's id. */
  readonly realm: Hash;
  /** The log's newest record, if it holds any. */
  tip(log: LogId): HeldRecord | undefined;
  /** The record at a place. */
  at(log: LogId, seq: number): HeldRecord | undefined;
  /** The key that a quorum has given to this log, if one has: it vouches for a newcomer as an invitation does. */
  named(log: LogId): PublicKey | undefined;
  /** One-time keys of the invitations that reserve this log id. */
  invitations(log: LogId): readonly PublicKey[];
  /** The first seq at which the log is known to have two histories. */
  frozenAt(log: LogId): number | undefined;
  /** What is kept from other histories of the log than the one held. */
  strays(log: LogId): ReadonlyMap<Hash, Stray>;
  /** Whether an ack speaks of a proposal that is known: no key but an issuer's makes more of those. */
  awaits(ack: Body<'ack'>): boolean;
}
