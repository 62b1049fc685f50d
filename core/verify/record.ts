import type { Hash, LogId, PublicKey } from '../units.ts';
import type { Body, RecordType } from '../wire/bodies.ts';
import type { TimeToken } from './time.ts';

declare const verified: unique symbol;

interface VerifiedPlace {
  readonly [verified]: true;
  readonly realm: Hash;
  readonly log: LogId;
  readonly seq: number;
  readonly hash: Hash;
  /** The record as received. */
  readonly bytes: Uint8Array;
  /** The key that signed this log. */
  readonly key: PublicKey;
}

interface VerifiedBody<T extends RecordType> extends VerifiedPlace {
  readonly type: T;
  readonly body: Body<T>;
  /** Whether the record's own signature verified; a later head's covers it otherwise. */
  readonly proven: boolean;
  /** The records that this one carries as evidence, each with its own signature verified. */
  readonly carried: readonly VerifiedRecord[];
  /** Recovery keys whose signatures inside a `recover` record verified; empty for other types. */
  readonly signers: readonly PublicKey[];
  /** Licence codes inside a `draft`, each signed by the key that it names; empty for other types. */
  readonly grants: readonly string[];
  /** The signed time inside a `setup`, verified under the key that the record names; null where it does not verify, and for other types. */
  readonly token: TimeToken | null;
}

/** A record that this version keeps and forwards without a meaning: an unknown type, a sealed body, or a body of wrong form. */
export interface InertRecord extends VerifiedPlace {
  readonly type: 'inert';
  readonly named: string;
}

/** A record that a verified signature covers: its own, or a later one of its log through the hash chain. Only `verify` makes one. */
export type VerifiedRecord = { [T in RecordType]: VerifiedBody<T> }[RecordType] | InertRecord;

/**
 * A record of another history of a forked log than the one held. Evidence, verified by its own signature, counts without
 * being part of the log (rule R8); the others tell what a version was made of that this history went into.
 */
export interface Stray {
  readonly record: VerifiedRecord;
  /** The record before it in its history. */
  readonly prev: Hash;
  /** The `part` records that it is put together from. */
  readonly parts: readonly Uint8Array[];
}

/** A verified record of one type. */
export type Verified<T extends RecordType> = VerifiedBody<T>;
