import type { Hash } from '../units.ts';
import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_HISTORIES, MAX_STRAY_BYTES, MAX_STRAY_RECORDS, MAX_STRAYS } from '../wire/bounds.ts';
import type { DecodedBody } from './body.ts';
import type { Known } from './known.ts';
import type { InertRecord, Stray, VerifiedRecord } from './record.ts';

/** Whether a stray counts wherever it is met; others only show what a history is made of. */
export function isEvidence(record: VerifiedRecord): record is Exclude<VerifiedRecord, InertRecord> {
  return record.type !== 'inert' && record.proven && SELF_CONTAINED.has(record.type);
}

/** What room there is beside the strays of a log. */
export interface StrayRoom {
  /** Whether one more piece of evidence is kept. */
  forEvidence(evidence: DecodedBody): boolean;
  /** Whether one more record that is no evidence is kept. */
  forLink(record: { readonly seq: number; readonly bytes: Uint8Array }): boolean;
  /** Takes room for one that is kept. */
  take(record: VerifiedRecord): void;
}

/** The room beside these strays. */
export function strayRoom(kept: ReadonlyMap<Hash, Stray>, awaits: Known['awaits']): StrayRoom {
  const counts = new Map<string, number>();
  const byPlace = new Map<number, number>();
  let count = 0;
  let size = 0;
  const room: StrayRoom = {
    forEvidence(evidence) {
      const { most, of } = shareOf(evidence);
      return (counts.get(of) ?? 0) < most;
    },
    forLink({ bytes, seq }) {
      if (count >= MAX_STRAY_RECORDS || size + bytes.length > MAX_STRAY_BYTES) return false;
      return (byPlace.get(seq) ?? 0) < MAX_HISTORIES;
    },
    take(record) {
      if (isEvidence(record)) {
        const { of } = shareOf(record);
        counts.set(of, (counts.get(of) ?? 0) + 1);
        return;
      }
      byPlace.set(record.seq, (byPlace.get(record.seq) ?? 0) + 1);
      count += 1;
      size += record.bytes.length;
    },
  };
  for (const { record } of kept.values()) room.take(record);
  return room;

  function shareOf(evidence: DecodedBody): { readonly of: string; readonly most: number } {
    const { type } = evidence;
    // The attack: whoever has a voter's key fills the room with acks of what nobody proposed, before the voter's own comes.
    if (type !== 'ack' || !awaits(evidence.body)) return { of: type, most: MAX_STRAYS };
    return { of: `${evidence.body.version} ${evidence.body.candidate}`, most: MAX_HISTORIES };
  }
}
