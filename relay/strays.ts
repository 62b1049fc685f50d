import type { Crypto } from '../core/ports.ts';
import { ownerOf } from '../core/state/quorum.ts';
import type { LogId } from '../core/units.ts';
import type { Stray } from '../core/verify/record.ts';
import { isEvidence } from '../core/verify/stray-room.ts';
import { verifyStrays } from '../core/verify/strays.ts';
import { encodeAppend } from '../core/wire/append.ts';
import { appendPortions } from '../core/wire/append-portions.ts';
import { SELF_CONTAINED } from '../core/wire/bodies.ts';
import { MAX_PARTS, MAX_STRAY_BYTES, MAX_STRAY_RECORDS } from '../core/wire/bounds.ts';
import { decodeRecord } from '../core/wire/record.ts';
import { encodeEvidence, keepStray, type Room, straysKnown } from './room.ts';
import { headOf, heldRecords, type Stage } from './stage.ts';
import { strayKey } from './store-keys.ts';

/**
 * Stages what records of a log that has two histories hold after the place where these part, as far as the room does not
 * keep it: whoever holds the other history can learn of it by no run (rule R8). True if there was any.
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
  // Versions are made of what editors draft: of others' histories only the evidence is of any use.
  const drafts = room.membership.versions.some(({ roster }) =>
    ownerOf(roster, log)?.roles.includes('editor'),
  );
  const found = (await verifyStrays({ log, records }, end, known, crypto)).strays;
  const strays = drafts ? found : found.filter(({ record }) => isEvidence(record));
  for (const stray of strays) {
    const { hash, bytes } = stray.record;
    keepStray(room, stray);
    const value = encodeEvidence(stray.parts, bytes);
    stage.writes.push({ key: strayKey(room.name, log, hash), value });
    stage.strays.push(stray);
    stage.progress += 1;
  }
  return strays.length > 0;
}

/** Stages what others lack of the history that the room holds of each log found to have two: they hold the other one. */
export async function combForked(stage: Stage, crypto: Crypto): Promise<void> {
  const { room } = stage;
  for (const [log, { seq }] of room.membership.forks) {
    const before = room.combed.get(log);
    const next = headOf(stage, log)?.next ?? 0;
    let { bytes, next: from } = before?.seq === seq ? before : { bytes: 0, next: seq };
    // Piece by piece: a log may have been forked long before its end.
    for (; from < next; from += COMBED_AT_ONCE) {
      const start = Math.max(0, from - MAX_PARTS);
      const held = await heldRecords(stage, log, start, Math.min(next, from + COMBED_AT_ONCE));
      bytes += held.reduce((sum, record) => sum + record.length, 0);
      // The rest of the room is for the histories that others bring.
      const isAll = bytes <= MAX_STRAY_BYTES / 2 && from + COMBED_AT_ONCE - seq <= MAX_STRAY_RECORDS / 2;
      await takeStrays(stage, log, isAll ? held : held.filter(isWanted), crypto);
    }
    room.combed.set(log, { seq, next, bytes });
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

/** All that a room keeps, each history in its order. */
export function* straysOfRoom(room: Room): Iterable<Stray> {
  for (const kept of room.strays.values()) {
    yield* [...kept.values()].sort((a, b) => a.record.seq - b.record.seq);
  }
}
