import { type Hash, type PublicKey, toHex } from '../core/units.ts';
import type { HeldRecord } from '../core/verify/known.ts';
import { decodeRecord, NO_HASH } from '../core/wire/record.ts';

/** The end of a log: all that a relay keeps in memory of it. */
export interface Head {
  /** The first seq that is not held. */
  readonly next: number;
  /** Hash of the last record. */
  readonly hash: Hash;
  readonly key: PublicKey;
  /** How many `part` records the log ends with; the next record may be put together from them. */
  readonly parts: number;
}

const HEAD_BYTES = 4 + 32 + 32 + 4;

/** A head's bytes in the store. */
export function encodeHead(head: Head): Uint8Array {
  const out = Buffer.alloc(HEAD_BYTES);
  out.writeUInt32BE(head.next, 0);
  out.write(head.hash, 4, 'hex');
  out.write(head.key, 36, 'hex');
  out.writeUInt32BE(head.parts, 68);
  return out;
}

/** The head that the store gave back; null if it is none. */
export function decodeHead(bytes: Uint8Array): Head | null {
  if (bytes.length !== HEAD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    next: view.getUint32(0),
    hash: toHex(bytes.subarray(4, 36)) as Hash,
    key: toHex(bytes.subarray(36, 68)) as PublicKey,
    parts: view.getUint32(68),
  };
}

/** The place at a log's end, as verifying asks for it. */
export function recallTip({ hash, key, next }: Head): HeldRecord {
  return { seq: next - 1, hash, key, bytes: NOTHING, part: null };
}

/** A record of a realm that this relay verified before it wrote it, as verifying asks for it; null if the store gave back something else. */
export function recallRecord(realm: Hash, key: PublicKey, bytes: Uint8Array): HeldRecord | null {
  const record = decodeRecord(bytes);
  if (!record.ok) return null;
  const { seq, hash, type, body } = record.value;
  if ((record.value.realm === NO_HASH ? hash : record.value.realm) !== realm) return null;
  const data = type === 'part' && body instanceof Map ? body.get('data') : undefined;
  return { seq, hash, key, bytes, part: data instanceof Uint8Array ? data : null };
}

const NOTHING = new Uint8Array(0);
