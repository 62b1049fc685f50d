import type { Hash } from '../units.ts';
import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_HISTORIES, MAX_STRAY_BYTES, MAX_STRAY_RECORDS, MAX_STRAYS } from '../wire/bounds.ts';
import type { Stray, VerifiedRecord } from './record.ts';

/** Whether a stray counts wherever it is met; others only show what a history is made of. */
export function isEvidence(record: VerifiedRecord): boolean {
  return record.type !== 'inert' && record.proven && SELF_CONTAINED.has(record.type);
}

/** What room there is beside the strays of a log. */
export interface StrayRoom {
  /** Whether one more piece of evidence of a type is kept. */
  forEvidence(type: string): boolean;
  /** Whether one more record that is no evidence is kept. */
  forLink(record: { readonly seq: number; readonly bytes: Uint8Array }): boolean;
  /** Takes room for one that is kept. */
  take(stray: Stray): void;
}

/** The room beside these strays. */
export function strayRoom(kept: ReadonlyMap<Hash, Stray>): StrayRoom {
  const byType = new Map<string, number>();
  const byPlace = new Map<number, number>();
  let count = 0;
  let size = 0;
  const room: StrayRoom = {
    forEvidence: (type) => (byType.get(type) ?? 0) < MAX_STRAYS,
    forLink({ bytes, seq }) {
      if (count >= MAX_STRAY_RECORDS || size + bytes.length > MAX_STRAY_BYTES) return false;
      return (byPlace.get(seq) ?? 0) < MAX_HISTORIES;
    },
    take({ record }) {
      byPlace.set(record.seq, (byPlace.get(record.seq) ?? 0) + 1);
      if (isEvidence(record)) byType.set(record.type, (byType.get(record.type) ?? 0) + 1);
      else {
        count += 1;
        size += record.bytes.length;
      }
    },
  };
  for (const stray of kept.values()) room.take(stray);
  return room;
}
