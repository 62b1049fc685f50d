import { no, ok, type Result } from '../result.ts';
import { isLogId, type LogId } from '../units.ts';
import { MAX_LOGS, MAX_RECORD_BYTES, MAX_UPDATE_BYTES, MAX_UPDATE_RECORDS } from './bounds.ts';
import {
  bytesLeft,
  type Cursor,
  cursorOver,
  putVaruint,
  readByte,
  readBytes,
  readVaruint,
  type VarintReason,
  varuintSize,
} from './varint.ts';

/**
 * The append profile (DESIGN 5): the only Yjs update that anyone accepts is one that appends records to logs,
 * in the bytes that Yjs 13.6 itself makes of them.
 *
 * One root Y.Array per log, named after the log id; client id = log id; clock = seq − base; each element is an array
 * holding one Uint8Array. Yjs merges the appends of one client when a transaction ends, before it emits or encodes
 * anything, so a document always writes one struct per client, and so is one all that is accepted here.
 * (Only `Y.mergeUpdates` on stored updates leaves several; nobody on this wire uses it.)
 */

/** Records of one log that follow one another; `from` is the seq of the first. */
export interface Run {
  readonly log: LogId;
  readonly from: number;
  readonly records: readonly Uint8Array[];
}

/** Each log's first seq in the present epoch (DESIGN 14); a log that is not named begins at 0. */
export type Base = ReadonlyMap<LogId, number>;

/** The base of the first epoch. */
export const NO_BASE: Base = new Map();

/** Why bytes are not in the append profile. */
export type AppendReason =
  | VarintReason
  | 'too-large'
  | 'too-many-logs'
  | 'too-many-records'
  | 'record-too-large'
  | 'log-id'
  | 'not-canonical-order'
  | 'struct-count'
  | 'empty-run'
  | 'gc-struct'
  | 'skip-struct'
  | 'foreign-content'
  | 'nested'
  | 'right-origin'
  | 'map-key'
  | 'wrong-origin'
  | 'wrong-parent'
  | 'unknown-form'
  | 'delete-set'
  | 'trailing-bytes';

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_MAP_KEY = 0x20;
const CONTENT = 0x1f;
const CONTENT_ANY = 8;
const PARENT_IS_ROOT = 1;
const ANY_ARRAY = 117;
const ANY_BYTES = 116;
/** An element's bytes before its length: an array, of one, that is bytes. */
const ELEMENT_HEAD = 3;

/** The Yjs update (V1) that appends the runs, which are of distinct logs and in any order; an empty run is left out. */
export function encodeAppend(runs: readonly Run[], base: Base = NO_BASE): Uint8Array {
  const ordered = runs.filter((run) => run.records.length > 0).sort((a, b) => b.log - a.log);
  let size = varuintSize(ordered.length) + 1;
  let previous = 0;
  for (const run of ordered) {
    if (run.log === previous) throw new RangeError(`expected one run of log ${run.log}, got two`);
    previous = run.log;
    size += runSize(run, clockOf(run, base));
  }
  const out = new Uint8Array(size);
  let at = putVaruint(out, 0, ordered.length);
  for (const run of ordered) at = putRun(out, at, run, clockOf(run, base));
  putVaruint(out, at, 0);
  return out;
}

function runSize(run: Run, clock: number): number {
  let size = 1 + varuintSize(run.log) + varuintSize(clock) + 1 + varuintSize(run.records.length);
  if (clock > 0) size += varuintSize(run.log) + varuintSize(clock - 1);
  else size += 2 + String(run.log).length;
  for (const record of run.records) {
    if (record.length > MAX_RECORD_BYTES) {
      throw new RangeError(`expected records of at most ${MAX_RECORD_BYTES} bytes, got ${record.length}`);
    }
    size += ELEMENT_HEAD + varuintSize(record.length) + record.length;
  }
  return size;
}

function clockOf(run: Run, base: Base): number {
  const clock = run.from - (base.get(run.log) ?? 0);
  if (clock < 0) throw new RangeError(`expected log ${run.log} from its base on, got seq ${run.from}`);
  return clock;
}

function putRun(out: Uint8Array, offset: number, run: Run, clock: number): number {
  let at = putVaruint(out, offset, 1);
  at = putVaruint(out, at, run.log);
  at = putVaruint(out, at, clock);
  if (clock > 0) {
    out[at++] = CONTENT_ANY | HAS_ORIGIN;
    at = putVaruint(out, at, run.log);
    at = putVaruint(out, at, clock - 1);
  } else {
    const name = String(run.log);
    out[at++] = CONTENT_ANY;
    out[at++] = PARENT_IS_ROOT;
    out[at++] = name.length;
    for (let i = 0; i < name.length; i++) out[at++] = name.charCodeAt(i);
  }
  at = putVaruint(out, at, run.records.length);
  for (const record of run.records) {
    out[at++] = ANY_ARRAY;
    out[at++] = 1;
    out[at++] = ANY_BYTES;
    at = putVaruint(out, at, record.length);
    out.set(record, at);
    at += record.length;
  }
  return at;
}

/**
 * The runs of an append-profile update, highest log id first; the records are views of `bytes`.
 * Total. Whether a run joins what one already has is not judged here: that is the ledger's question.
 */
export function parseAppend(bytes: Uint8Array, base: Base = NO_BASE): Result<readonly Run[], AppendReason> {
  if (bytes.length > MAX_UPDATE_BYTES) {
    return no('too-large', `expected at most ${MAX_UPDATE_BYTES} bytes, got ${bytes.length}`);
  }
  const cursor = cursorOver(bytes);
  const runs: Run[] = [];
  const reason = readRuns(cursor, base, runs) ?? readEnd(cursor);
  return reason === null ? ok(runs) : no(reason, `at byte ${cursor.at} of ${bytes.length}`);
}

function readRuns(cursor: Cursor, base: Base, runs: Run[]): AppendReason | null {
  const count = readVaruint(cursor);
  if (count > MAX_LOGS) return 'too-many-logs';
  let previous = Number.POSITIVE_INFINITY;
  let room = MAX_UPDATE_RECORDS;
  for (let i = 0; i < count && cursor.flaw === null; i++) {
    const run = readRun(cursor, base, room);
    if (typeof run === 'string') return run;
    // Yjs keeps the last of two entries for one client and forgets the other without a word.
    if (run.log >= previous) return 'not-canonical-order';
    previous = run.log;
    room -= run.records.length;
    runs.push(run);
  }
  return cursor.flaw;
}

function readEnd(cursor: Cursor): AppendReason | null {
  const deletions = readVaruint(cursor);
  if (cursor.flaw !== null) return cursor.flaw;
  // A delete set of a few bytes empties every peer.
  if (deletions !== 0) return 'delete-set';
  return bytesLeft(cursor) === 0 ? null : 'trailing-bytes';
}

function readRun(cursor: Cursor, base: Base, room: number): Run | AppendReason {
  const structs = readVaruint(cursor);
  const log = readVaruint(cursor);
  const clock = readVaruint(cursor);
  if (cursor.flaw !== null) return cursor.flaw;
  if (structs !== 1) return 'struct-count';
  if (!isLogId(log)) return 'log-id';
  const info = readByte(cursor);
  const reason = cursor.flaw ?? refusedForm(info) ?? readPlace(cursor, info, log, clock);
  if (reason !== null) return reason;
  const records = readRecords(cursor, room);
  if (typeof records === 'string') return records;
  const from = clock + (base.get(log) ?? 0);
  if (!Number.isSafeInteger(from + records.length)) return 'out-of-range';
  return { log, from, records };
}

function refusedForm(info: number): AppendReason | null {
  switch (info & CONTENT) {
    case 0:
      // A GC struct takes clocks without content: 12 bytes silence an author for ever.
      return 'gc-struct';
    case 10:
      return 'skip-struct';
    case 7:
    case 9:
      return 'nested';
    case CONTENT_ANY:
      if ((info & HAS_RIGHT_ORIGIN) !== 0) return 'right-origin';
      return (info & HAS_MAP_KEY) === 0 ? null : 'map-key';
    default:
      return (info & CONTENT) < CONTENT_ANY ? 'foreign-content' : 'unknown-form';
  }
}

// A run that claims another place would stand in another's log, or before records that are already there.
function readPlace(cursor: Cursor, info: number, log: LogId, clock: number): AppendReason | null {
  const hasOrigin = (info & HAS_ORIGIN) !== 0;
  if (hasOrigin !== clock > 0) return 'wrong-origin';
  if (hasOrigin) {
    const client = readVaruint(cursor);
    const before = readVaruint(cursor);
    return cursor.flaw ?? (client === log && before === clock - 1 ? null : 'wrong-origin');
  }
  const parent = readVaruint(cursor);
  if (cursor.flaw !== null) return cursor.flaw;
  if (parent !== PARENT_IS_ROOT) return parent === 0 ? 'nested' : 'unknown-form';
  const expected = String(log);
  const name = readBytes(cursor, readVaruint(cursor));
  if (cursor.flaw !== null) return cursor.flaw;
  if (name.length !== expected.length) return 'wrong-parent';
  return name.every((byte, i) => byte === expected.charCodeAt(i)) ? null : 'wrong-parent';
}

function readRecords(cursor: Cursor, room: number): Uint8Array[] | AppendReason {
  const count = readVaruint(cursor);
  if (cursor.flaw !== null) return cursor.flaw;
  if (count === 0) return 'empty-run';
  if (count > room) return 'too-many-records';
  const records: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    // Other values reach prototypes and recursion inside lib0's `readAny`.
    if (readByte(cursor) !== ANY_ARRAY || readVaruint(cursor) !== 1 || readByte(cursor) !== ANY_BYTES) {
      return cursor.flaw ?? 'foreign-content';
    }
    const size = readVaruint(cursor);
    if (size > MAX_RECORD_BYTES) return 'record-too-large';
    records.push(readBytes(cursor, size));
    if (cursor.flaw !== null) return cursor.flaw;
  }
  return records;
}
