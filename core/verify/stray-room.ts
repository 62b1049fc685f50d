import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_HISTORIES, MAX_STRAY_BYTES, MAX_STRAY_RECORDS, MAX_STRAYS } from '../wire/bounds.ts';
import type { Stray, VerifiedRecord } from './record.ts';

/** Whether a stray counts wherever it is met; others only show what a history is made of. */
export function isEvidence(record: VerifiedRecord): boolean {
  return record.type !== 'inert' && record.proven && SELF_CONTAINED.has(record.type);
}

/** Whether one more piece of evidence of a type is kept beside the strays of its log. */
export function hasRoomForEvidence(kept: Iterable<Stray>, type: string): boolean {
  let same = 0;
  for (const { record } of kept) if (record.type === type && isEvidence(record)) same += 1;
  return same < MAX_STRAYS;
}

/** Whether one more record that is no evidence is kept beside the strays of its log. */
export function hasRoomForLink(
  kept: Iterable<Stray>,
  { bytes, seq }: { readonly seq: number; readonly bytes: Uint8Array },
): boolean {
  let [count, size, beside] = [1, bytes.length, 1];
  for (const { record } of kept) {
    if (record.seq === seq) beside += 1;
    if (isEvidence(record)) continue;
    count += 1;
    size += record.bytes.length;
  }
  return beside <= MAX_HISTORIES && count <= MAX_STRAY_RECORDS && size <= MAX_STRAY_BYTES;
}
