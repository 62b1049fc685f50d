import { no, ok, type Result } from '../result.ts';
import { isLogId, type LogId } from '../units.ts';
import { type Base, NO_BASE } from './append.ts';
import { bytesLeft, cursorOver, putVaruint, readVaruint, type VarintReason, varuintSize } from './varint.ts';

/** Why bytes are not a state vector of logs. */
export type StateVectorReason =
  | VarintReason
  | 'too-many-logs'
  | 'log-id'
  | 'duplicate-log'
  | 'trailing-bytes';

/** The Yjs state vector of who holds each log up to, not including, its next seq: what `Y.encodeStateVector` writes. */
export function encodeStateVector(heads: ReadonlyMap<LogId, number>, base: Base = NO_BASE): Uint8Array {
  const clocks = [...heads]
    .map(([log, next]) => [log, next - (base.get(log) ?? 0)] as const)
    .filter(([, clock]) => clock > 0)
    .sort(([a], [b]) => b - a);
  let size = varuintSize(clocks.length);
  for (const [log, clock] of clocks) size += varuintSize(log) + varuintSize(clock);
  const out = new Uint8Array(size);
  let at = putVaruint(out, 0, clocks.length);
  for (const [log, clock] of clocks) at = putVaruint(out, putVaruint(out, at, log), clock);
  return out;
}

/**
 * The next seq of each log that a state vector names, at most `maxLogs` of them. Total.
 * Any order is read: it is a question, never kept nor signed, and other implementations of Yjs do not sort it.
 * Where `concerns` is given, logs for which it says no are read over: they take no memory.
 */
export function parseStateVector(
  bytes: Uint8Array,
  maxLogs: number,
  base: Base = NO_BASE,
  concerns: (log: LogId) => boolean = () => true,
): Result<Map<LogId, number>, StateVectorReason> {
  const cursor = cursorOver(bytes);
  const count = readVaruint(cursor);
  // A state vector of a million clients stalls a server for seconds.
  if (count > maxLogs) return no('too-many-logs', `expected at most ${maxLogs} logs, got ${count}`);
  const heads = new Map<LogId, number>();
  for (let i = 0; i < count && cursor.flaw === null; i++) {
    const log = readVaruint(cursor);
    const clock = readVaruint(cursor);
    if (cursor.flaw !== null) break;
    if (!isLogId(log)) return no('log-id', `expected a log id, got ${log}`);
    if (!concerns(log)) continue;
    if (heads.has(log)) return no('duplicate-log', `expected each log once, got ${log} twice`);
    const next = clock + (base.get(log) ?? 0);
    if (!Number.isSafeInteger(next)) return no('out-of-range', `expected a seq, got ${next}`);
    heads.set(log, next);
  }
  if (cursor.flaw !== null) return no(cursor.flaw, `at byte ${cursor.at} of ${bytes.length}`);
  const rest = bytesLeft(cursor);
  return rest === 0 ? ok(heads) : no('trailing-bytes', `${rest} bytes too many`);
}
