import { addStray } from '../core/ledger/strays.ts';
import type { Crypto } from '../core/ports.ts';
import { foldMembership } from '../core/state/membership.ts';
import type { LogId } from '../core/units.ts';
import type { Stray } from '../core/verify/record.ts';
import { verifyStrays } from '../core/verify/strays.ts';
import { encodeAppend } from '../core/wire/append.ts';
import { appendPortions } from '../core/wire/append-portions.ts';
import { SELF_CONTAINED } from '../core/wire/bodies.ts';
import { MAX_PARTS } from '../core/wire/bounds.ts';
import { decodeRecord } from '../core/wire/record.ts';
import { encodeEvidence, type Room, straysKnown } from './room.ts';
import { headOf, heldRecords, type Stage } from './stage.ts';
import { strayKey } from './store-keys.ts';

/**
 * Stages the evidence among records of a log that has two histories, as far as the room does not keep it: whoever holds the
 * other history can learn of it by no run (rule R8). True if there was any.
 */
export async function takeStrays(
  stage: Stage,
  log: LogId,
  records: readonly Uint8Array[],
  crypto: Crypto,
): Promise<boolean> {
  const { room } = stage;
  const end = room.membership.forks.get(log)?.seq;
  if (end === undefined) return false;
  const known = straysKnown(room, { get: (of) => headOf(stage, of) });
  const { strays } = await verifyStrays({ log, records }, end, known, crypto);
  for (const stray of strays) {
    const { hash, bytes } = stray.record;
    if (!addStray(room.strays, stray)) continue;
    const value = encodeEvidence(stray.parts, bytes);
    stage.writes.push({ key: strayKey(room.name, log, hash), value });
    stage.strays.push(stray);
    foldMembership(room.membership, stray.record);
    stage.progress += 1;
  }
  return strays.length > 0;
}

/** Stages the evidence of the history that the room holds of each log found to have two: others hold the other one. */
export async function combForked(stage: Stage, crypto: Crypto): Promise<void> {
  const { room } = stage;
  for (const [log, { seq }] of room.membership.forks) {
    if (room.combed.get(log) === seq) continue;
    room.combed.set(log, seq);
    const next = headOf(stage, log)?.next ?? 0;
    // Piece by piece: a log may have been forked long before its end.
    for (let from = seq; from < next; from += COMBED_AT_ONCE) {
      const start = Math.max(0, from - MAX_PARTS);
      const held = await heldRecords(stage, log, start, Math.min(next, from + COMBED_AT_ONCE));
      await takeStrays(stage, log, held.filter(isWanted), crypto);
    }
  }
}

const COMBED_AT_ONCE = 1024;

function isWanted(bytes: Uint8Array): boolean {
  const record = decodeRecord(bytes);
  return record.ok && (SELF_CONTAINED.has(record.value.type) || record.value.type === 'part');
}

/** Strays as updates of about `bytes` each: a run of each log, whose records are judged each for itself. */
export function strayUpdates(room: Room, strays: Iterable<Stray>, bytes: number): readonly Uint8Array[] {
  const runs = new Map<
    LogId,
    { readonly log: LogId; readonly from: number; readonly records: Uint8Array[] }
  >();
  for (const { parts, record } of strays) {
    const from = room.membership.forks.get(record.log)?.seq ?? record.seq;
    const run = runs.get(record.log) ?? { log: record.log, from, records: [] };
    run.records.push(...parts, record.bytes);
    runs.set(record.log, run);
  }
  return appendPortions([...runs.values()], bytes).map((portion) => encodeAppend(portion));
}

/** All that a room keeps. */
export function* straysOfRoom(room: Room): Iterable<Stray> {
  for (const kept of room.strays.values()) yield* kept.values();
}
