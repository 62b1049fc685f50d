import type { Store, StoreWrite } from '../core/ports.ts';
import { foldMembership } from '../core/state/membership.ts';
import { namedKey } from '../core/state/standing.ts';
import type { LogId, Seconds } from '../core/units.ts';
import type { HeldRecord, Known } from '../core/verify/known.ts';
import type { Stray, VerifiedRecord } from '../core/verify/record.ts';
import type { Run } from '../core/wire/append.ts';
import { MAX_PARTS } from '../core/wire/bounds.ts';
import { encodeHead, type Head, recallRecord, recallTip } from './head.ts';
import { type Quota, spend, usageOn } from './quota.ts';
import { encodeEvidence, type ForkedRecord, invitationKeys, NO_FORKS, type Room } from './room.ts';
import { evidenceKey, forkKey, headKey, recordKey, recordsBetween } from './store-keys.ts';

/** Types that decide membership; the others of the evidence types concern hosts only. */
const DECIDING: ReadonlySet<string> = new Set([
  'genesis',
  'invite',
  'candidate',
  'sign',
  'ack',
  'revoke',
  'fork-proof',
  'recover',
]);

/**
 * What one turn adds to a room, before it is on disk. Membership is folded at once, so that one update can bring an
 * invitation and the log that it invites; if the write fails the room is forgotten and loaded again.
 */
export interface Stage {
  readonly room: Room;
  readonly store: Store;
  readonly now: Seconds;
  readonly quota: Quota;
  readonly heads: Map<LogId, Head>;
  readonly added: Map<LogId, { readonly from: number; readonly records: Uint8Array[] }>;
  readonly forked: Map<LogId, ForkedRecord>;
  /** Evidence of other histories of forked logs. */
  readonly strays: Stray[];
  readonly writes: StoreWrite[];
  /** Grows whenever something was added that may let other records in. */
  progress: number;
}

/** A turn that has added nothing yet. */
export function emptyStage(room: Room, store: Store, now: Seconds, quota: Quota): Stage {
  const maps = { heads: new Map(), added: new Map(), forked: new Map() };
  return { room, store, now, quota, ...maps, strays: [], writes: [], progress: 0 };
}

/** The end of a log, with what this turn added. */
export function headOf(stage: Stage, log: LogId): Head | undefined {
  return stage.heads.get(log) ?? stage.room.heads.get(log);
}

/** Records of a log from `from` up to, not including, `to`, on disk or added in this turn. */
export async function heldRecords(
  stage: Stage,
  log: LogId,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const added = stage.added.get(log);
  const onDisk = Math.min(to, added?.from ?? to);
  const records: Uint8Array[] = [];
  if (from < onDisk) {
    const range = recordsBetween(stage.room.name, log, from, onDisk);
    for await (const [, bytes] of stage.store.range(range)) records.push(bytes);
  }
  if (added !== undefined && to > added.from) {
    const start = Math.max(from, added.from) - added.from;
    records.push(...added.records.slice(start, to - added.from));
  }
  return records;
}

/** What verifying a run asks of the room: `near` are held records of the run's log, which follow one another. */
export function knownTo(stage: Stage, log: LogId, near: readonly Uint8Array[]): Known {
  const { realm } = stage.room;
  const held = new Map<number, HeldRecord>();
  const head = headOf(stage, log);
  const last = head && recallTip(head);
  for (const bytes of near) {
    const record = head === undefined ? null : recallRecord(realm, head.key, bytes);
    if (record !== null) held.set(record.seq, record);
  }
  return {
    realm,
    tip(of) {
      if (of === log) return last;
      const other = headOf(stage, of);
      return other && recallTip(other);
    },
    at(of, seq) {
      if (of !== log) return undefined;
      return held.get(seq) ?? (last?.seq === seq ? last : undefined);
    },
    named: (of) => namedKey(stage.room.membership, of),
    invitations: (of) => invitationKeys(stage.room.membership, of),
    ...NO_FORKS,
  };
}

/** Adds records that follow what is held of their log. `parts` are the part records that the log ended with before. */
export function addRecords(
  stage: Stage,
  log: LogId,
  records: readonly VerifiedRecord[],
  parts: readonly Uint8Array[],
): void {
  const { room, writes } = stage;
  const last = records.at(-1);
  const first = records[0];
  if (last === undefined || first === undefined) return;
  const before = [...parts];
  for (const record of records) {
    writes.push({ key: recordKey(room.name, log, record.seq), value: record.bytes });
    if (record.type !== 'inert' && record.proven && DECIDING.has(record.type)) {
      writes.push({
        key: evidenceKey(room.name, room.evidence++),
        value: encodeEvidence(before, record.bytes),
      });
      foldMembership(room.membership, record);
      stage.progress += 1;
    }
    if (record.type === 'part') before.push(record.bytes);
    else before.length = 0;
    if (before.length > MAX_PARTS) before.shift();
  }
  // A log that has begun gives a key to those who carry its records.
  if (first.seq === 0) stage.progress += 1;
  const bytes = records.map((record) => record.bytes);
  const usage = spend(usageOn(stage.now, headOf(stage, log)?.usage), bytes);
  stage.heads.set(log, { next: last.seq + 1, hash: last.hash, key: last.key, parts: before.length, usage });
  const added = stage.added.get(log);
  if (added === undefined) stage.added.set(log, { from: first.seq, records: bytes });
  else added.records.push(...bytes);
}

/** Keeps the second record of a log that has two histories. */
export function addFork(stage: Stage, record: VerifiedRecord): void {
  const { log, seq, bytes } = record;
  stage.forked.set(log, { seq, bytes });
  stage.writes.push({ key: forkKey(stage.room.name, log), value: bytes });
}

/** The turn's records, a run per log, once nothing more is added; with them the writes of the heads. */
export function finish(stage: Stage): readonly Run[] {
  for (const [log, head] of stage.heads) {
    stage.writes.push({ key: headKey(stage.room.name, log), value: encodeHead(head) });
  }
  return [...stage.added].map(([log, { from, records }]) => ({ log, from, records }));
}

/** Makes the turn's records part of what the room answers; to be called when the writes are on disk. */
export function commit(stage: Stage): void {
  stage.room.commits += 1;
  for (const [log, head] of stage.heads) stage.room.heads.set(log, head);
  for (const [log, fork] of stage.forked) stage.room.forks.set(log, fork);
}
