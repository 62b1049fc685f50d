import { type Hash, type LogId, type PublicKey, toHex } from '../core/units.ts';
import type { VerifiedRecord } from '../core/verify/record.ts';
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

/** The place at a log's end, as verifying asks for it. It stands for a record that this relay verified before it wrote the head. */
export function recallTip(realm: Hash, log: LogId, head: Head): VerifiedRecord {
  const { hash, key } = head;
  const tip = { realm, log, seq: head.next - 1, hash, key, bytes: NOTHING, type: 'inert', named: '' };
  return tip as unknown as VerifiedRecord;
}

/** A record that this relay verified before it wrote it, read back; null if the store gave back something else. */
export function recallRecord(realm: Hash, key: PublicKey, bytes: Uint8Array): VerifiedRecord | null {
  const record = decodeRecord(bytes);
  if (!record.ok) return null;
  const { log, seq, hash, type, body } = record.value;
  if ((record.value.realm === NO_HASH ? hash : record.value.realm) !== realm) return null;
  const place = { realm, log, seq, hash, bytes, key };
  const data = type === 'part' && body instanceof Map ? body.get('data') : undefined;
  const content =
    data instanceof Uint8Array
      ? { type, body: { data }, proven: false, carried: [], signers: [] }
      : { type: 'inert', named: type };
  return { ...place, ...content } as unknown as VerifiedRecord;
}

const NOTHING = new Uint8Array(0);
