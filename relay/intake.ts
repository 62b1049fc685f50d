import type { Crypto } from '../core/ports.ts';
import { emptyMembership, foldMembership, freeze } from '../core/state/membership.ts';
import type { LogId, PublicKey } from '../core/units.ts';
import type { VerifyReason } from '../core/verify/known.ts';
import { verifyRun } from '../core/verify/run.ts';
import type { Run } from '../core/wire/append.ts';
import { MAX_PARTS } from '../core/wire/bounds.ts';
import { decodeRecord, signedBytes } from '../core/wire/record.ts';
import { type AdmissionReason, admit } from './admission.ts';
import { allowedBy, usageOn } from './quota.ts';
import { sameBytes } from './room.ts';
import { addFork, addRecords, headOf, heldRecords, knownTo, type Stage } from './stage.ts';
import { combForked, takeStrays } from './strays.ts';

/** Why a run, or its end, is not taken. */
export type IntakeReason = VerifyReason | AdmissionReason | 'quota' | 'fork' | 'bad-roster';

/** A run that somebody offers. */
export interface Offer {
  readonly run: Run;
  readonly verdict: Verdict;
}

/** What became of an offered run, filled in by `takeAll`. */
interface Verdict {
  /** The first record that was not taken; null when all are held now. */
  refused: { readonly seq: number; readonly reason: IntakeReason; readonly detail?: string } | null;
}

/** An offer that is not judged yet. */
export function offerOf(run: Run): Offer {
  return { run, verdict: { refused: null } };
}

/** Reasons that may pass when another log of the same turn has been taken. */
const PASSING: ReadonlySet<IntakeReason> = new Set<IntakeReason>([
  'unregistered-room',
  'not-a-member',
  'type-of-invited',
  'records-of-invited',
  'unknown-log',
  'unknown-invitation',
  'unknown-signer',
  'gap',
]);

/**
 * Judges all that a turn brought and stages what is good: log by log, all offers for one log under one signature where
 * they join. What waits for another log (an invitation, a certificate) is tried again as long as something was added.
 */
export async function takeAll(stage: Stage, offers: readonly Offer[], crypto: Crypto): Promise<void> {
  let waiting = offers;
  for (;;) {
    const before = stage.progress;
    for (const [log, lane] of byLog(waiting)) await takeLane(stage, log, lane, crypto);
    await combForked(stage, crypto);
    for (const offer of offers) await takeAside(stage, offer, crypto);
    waiting = waiting.filter(
      ({ verdict }) => verdict.refused !== null && PASSING.has(verdict.refused.reason),
    );
    if (stage.progress === before) return;
  }
}

/** What is refused for not following what the room holds of a forked log may be evidence of its other history. */
async function takeAside(stage: Stage, { run, verdict }: Offer, crypto: Crypto): Promise<void> {
  const end = stage.room.membership.forks.get(run.log)?.seq;
  const { refused } = verdict;
  if (refused === null || end === undefined) return;
  await takeStrays(stage, run.log, run.records.map(compact), crypto);
  // Nobody has to bring what comes before: it has no place here.
  if (run.from >= end && NO_PLACE.has(refused.reason)) verdict.refused = { seq: refused.seq, reason: 'fork' };
}

const NO_PLACE: ReadonlySet<IntakeReason> = new Set<IntakeReason>(['gap', 'broken-chain', 'wrong-log']);

function byLog(offers: readonly Offer[]): ReadonlyMap<LogId, Offer[]> {
  const lanes = new Map<LogId, Offer[]>();
  for (const offer of offers) {
    const lane = lanes.get(offer.run.log);
    if (lane === undefined) lanes.set(offer.run.log, [offer]);
    else lane.push(offer);
  }
  for (const lane of lanes.values()) if (lane.length > 1) lane.sort((a, b) => a.run.from - b.run.from);
  return lanes;
}

async function takeLane(stage: Stage, log: LogId, lane: readonly Offer[], crypto: Crypto): Promise<void> {
  const joined = lane.length > 1 ? joinedRun(log, lane, headOf(stage, log)?.next ?? 0) : null;
  if (joined !== null && (await takeRun(stage, joined, crypto)) === null) {
    for (const { verdict } of lane) verdict.refused = null;
    return;
  }
  // Somebody's bad records behind somebody else's good ones must not cost the good ones their place.
  for (const { run, verdict } of lane) verdict.refused = await takeOne(stage, run, crypto);
}

/** The offers as one run, if each begins where the one before ends. */
function joinedRun(log: LogId, lane: readonly Offer[], next: number): Run | null {
  const records: Uint8Array[] = [];
  for (const { run } of lane) {
    if (run.from !== next + records.length) return null;
    records.push(...run.records);
  }
  return { log, from: next, records };
}

async function takeOne(stage: Stage, run: Run, crypto: Crypto): Promise<Verdict['refused']> {
  const next = headOf(stage, run.log)?.next ?? 0;
  if (run.from > next) return { seq: run.from, reason: 'gap', detail: `expected ${next}, got ${run.from}` };
  if (run.from === next) return takeRun(stage, run, crypto);
  const overlap = Math.min(run.records.length, next - run.from);
  const held = await heldRecords(stage, run.log, run.from, run.from + overlap);
  const differing = held.findIndex((bytes, i) => !sameBytes(bytes, run.records[i] ?? bytes));
  if (differing >= 0) return takeFork(stage, run, run.from + differing, crypto);
  if (overlap === run.records.length) return null;
  return takeRun(stage, { log: run.log, from: next, records: run.records.slice(overlap) }, crypto);
}

/** Takes a run that begins where the log ends; null when all of it is taken. */
async function takeRun(stage: Stage, run: Run, crypto: Crypto): Promise<Verdict['refused']> {
  const { room, now, quota } = stage;
  const head = headOf(stage, run.log);
  const admitted = admit(room, run.log, run.from, run.records, head?.key ?? null, now);
  const refusedAt = (count: number, reason: IntakeReason) => ({ seq: run.from + count, reason });
  if (admitted.count === 0) return refusedAt(0, admitted.reason ?? 'not-a-member');
  const affordable = allowedBy(quota, usageOn(now, head?.usage), run.records);
  const count = Math.min(admitted.count, affordable);
  const stopped = affordable < admitted.count ? 'quota' : admitted.reason;
  if (count === 0) return refusedAt(0, 'quota');

  const partCount = Math.min(head?.parts ?? 0, MAX_PARTS);
  const parts = partCount === 0 ? [] : await heldRecords(stage, run.log, run.from - partCount, run.from);
  // Evidence is kept in memory, and as a view it would keep the whole frame that it came in.
  const records = run.records.slice(0, count).map(compact);
  const known = knownTo(stage, run.log, parts);
  let verdict = await verifyRun({ ...run, records }, known, fewHeads(crypto));
  if (verdict.refused?.reason === 'bad-signature' && verdict.taken.length === 0) {
    const signed = await signedUpTo(records, head?.key ?? null, crypto);
    if (signed > 0) {
      const start = await verifyRun({ ...run, records: records.slice(0, signed) }, known, fewHeads(crypto));
      verdict = { ...start, refused: start.refused ?? { ...verdict.refused, seq: run.from + signed } };
    }
  }
  const first = verdict.taken[0];
  if (first?.type === 'genesis' && foldMembership(emptyMembership(room.realm), first).length === 0) {
    return refusedAt(0, 'bad-roster');
  }
  addRecords(stage, run.log, verdict.taken, parts);
  if (verdict.refused !== null) return verdict.refused;
  return stopped === null ? null : refusedAt(count, stopped);
}

/** Another record for a place that is taken: two histories if its author signed both, somebody's invention otherwise. */
async function takeFork(stage: Stage, run: Run, seq: number, crypto: Crypto): Promise<Verdict['refused']> {
  const { room } = stage;
  const frozen = room.membership.forks.get(run.log);
  if (frozen !== undefined && frozen.seq <= seq) return { seq, reason: 'fork' };
  const bytes = compact(run.records[seq - run.from] ?? new Uint8Array(0));
  const near = await heldRecords(stage, run.log, Math.max(0, seq - 1), seq + 1);
  const single = { log: run.log, from: seq, records: [bytes] };
  const verdict = await verifyRun(single, knownTo(stage, run.log, near), fewHeads(crypto));
  if (verdict.fork === null) return verdict.refused ?? { seq, reason: 'broken-chain' };
  freeze(room.membership, run.log, seq);
  addFork(stage, verdict.fork.b);
  return { seq, reason: 'fork' };
}

/** A copy that shares its memory with a few kilobytes at most; a buffer for each would cost more than the copying. */
function compact(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes.length);
  copy.set(bytes);
  return new Uint8Array(copy.buffer, copy.byteOffset, copy.length);
}

/** Signatures at the end of a run that may be bad before the relay looks no further there for a good one. */
const MAX_BAD_HEADS = 4;

/**
 * Where a run that ends in bad records stops being signed: good ones before them must not be refused for ever, or whoever
 * brings both in one update gets nowhere. Found by halving, since a check for each record is what a forger wants.
 */
async function signedUpTo(
  records: readonly Uint8Array[],
  key: PublicKey | null,
  crypto: Crypto,
): Promise<number> {
  // The first record of a log brings the key; the rest can be judged when it is here.
  if (key === null) return Math.min(1, records.length - 1);
  let good = 0;
  let bad = Math.max(0, records.length - MAX_BAD_HEADS + 1);
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    const record = decodeRecord(records[middle - 1] ?? new Uint8Array(0));
    const signed = record.ok && (await crypto.verify(key, signedBytes(record.value), record.value.signature));
    if (signed) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * Anybody can chain thousands of records under a bad signature, and looking through them for a good one would cost a
 * relay seconds for a frame. So a few are looked at, and the run is refused when none of them is good.
 */
function fewHeads(crypto: Crypto): Crypto {
  let bad = 0;
  let found = false;
  return {
    async verify(key, message, signature) {
      if (!found && bad >= MAX_BAD_HEADS) return false;
      const valid = await crypto.verify(key, message, signature);
      found ||= valid;
      if (!valid) bad += 1;
      return valid;
    },
  };
}
