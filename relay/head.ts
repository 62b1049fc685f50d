import { type Hash, type PublicKey, toHex } from '../core/units.ts';
import type { HeldRecord } from '../core/verify/known.ts';
import { decodeRecord, NO_HASH } from '../core/wire/record.ts';
import type { Usage } from './quota.ts';

/** The end of a log: all that a relay keeps in memory of it. */
export interface Head {
  /** The first seq that is not held. */
  readonly next: number;
  /** Hash of the last record. */
  readonly hash: Hash;
  readonly key: PublicKey;
  /** How many `part` records the log ends with; the next record may be put together from them. */
  readonly parts: number;
  /** What was written on the day of the last record: on disk with it, so that no restart gives a fresh quota. */
  readonly usage: Usage;
}

const HEAD_BYTES = 4 + 32 + 32 + 4 + 4 + 4 + 6;

/** A head's bytes in the store. */
export function encodeHead(head: Head): Uint8Array {
  const out = Buffer.alloc(HEAD_BYTES);
  out.writeUInt32BE(head.next, 0);
  out.write(head.hash, 4, 'hex');
  out.write(head.key, 36, 'hex');
  out.writeUInt32BE(head.parts, 68);
  out.writeUInt32BE(head.usage.day, 72);
  out.writeUInt32BE(head.usage.records, 76);
  out.writeUIntBE(head.usage.bytes, 80, 6);
  return out;
}

/** The head that the store gave back; null if it is none. */
export function decodeHead(bytes: Uint8Array): Head | null {
  if (bytes.length !== HEAD_BYTES) return null;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    next: view.readUInt32BE(0),
    hash: toHex(bytes.subarray(4, 36)) as Hash,
    key: toHex(bytes.subarray(36, 68)) as PublicKey,
    parts: view.readUInt32BE(68),
    usage: { day: view.readUInt32BE(72), records: view.readUInt32BE(76), bytes: view.readUIntBE(80, 6) },
  };
}

/** The place at a log's end, as verifying asks for it. */
export function recallTip({ hash, key, next }: Pick<Head, 'hash' | 'key' | 'next'>): HeldRecord {
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
