import type { Hash } from '../units.ts';
import type { SealedRecord } from '../wire/record.ts';
import { decodeBody } from './body.ts';
import type { Stray } from './record.ts';

/** A part, as received and what it holds. */
interface Part {
  readonly bytes: Uint8Array;
  readonly data: Uint8Array;
  readonly prev: Hash;
}

/** The parts that a record says it is put together from, the first one first; null while one of them may be missing. */
export type PartsAt = (record: SealedRecord) => readonly Part[] | null;

/**
 * Looks for parts among these records and what is kept. They are found by their hashes, which the record's signature
 * covers: a part from elsewhere would put words into its mouth.
 */
export function partsIn(records: readonly SealedRecord[], kept: ReadonlyMap<Hash, Stray>): PartsAt {
  const brought = new Map(records.map((record) => [record.hash, record] as const));
  return (record) => {
    const parts: Part[] = [];
    const count = partCount(record);
    for (let at = record.prev; parts.length < count; ) {
      if (!brought.has(at) && !kept.has(at)) return null;
      const part = partOf(at);
      if (part === null) break;
      parts.unshift(part);
      at = part.prev;
    }
    return parts;
  };

  function partOf(hash: Hash): Part | null {
    const stray = kept.get(hash);
    if (stray?.record.type === 'part') {
      return { bytes: stray.record.bytes, data: stray.record.body.data, prev: stray.prev };
    }
    const part = brought.get(hash);
    const decoded = part && decodeBody(part, () => undefined);
    if (part === undefined || !decoded?.ok || decoded.value.type !== 'part') return null;
    return { bytes: part.bytes, data: decoded.value.body.data, prev: part.prev };
  }
}

function partCount({ body }: SealedRecord): number {
  const count = body instanceof Map && body.size === 1 ? body.get('parts') : undefined;
  return typeof count === 'number' ? count : 0;
}
