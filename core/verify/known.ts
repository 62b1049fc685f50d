import type { Hash, LogId, PublicKey } from '../units.ts';
import type { RecordReason } from '../wire/record.ts';
import type { VerifiedRecord } from './record.ts';

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

/** What verifying needs to know of the ledger. */
export interface Known {
  /** The realm's id. */
  readonly realm: Hash;
  /** The log's newest record, if it holds any. */
  tip(log: LogId): VerifiedRecord | undefined;
  /** The record at a place. */
  at(log: LogId, seq: number): VerifiedRecord | undefined;
  /** One-time keys of the invitations that reserve this log id. */
  invitations(log: LogId): readonly PublicKey[];
}
