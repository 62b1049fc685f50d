import type { Hash, LogId } from '../../core/units.ts';
import { encodeAppend, parseAppend, type Run } from '../../core/wire/append.ts';
import { MAX_LOGS } from '../../core/wire/bounds.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { decodeRecord } from '../../core/wire/record.ts';
import { encodeStateVector, parseStateVector } from '../../core/wire/state-vector.ts';

/** A relay reduced to what it is for: it keeps the records that it is sent and hands them on. It checks nothing. */
export interface SimRelay {
  readonly logs: ReadonlyMap<LogId, readonly Uint8Array[]>;
  /** Takes an update; gives what of it was new, as it would be broadcast, and logs of which some did not follow from what it has. */
  take(update: Uint8Array): { readonly fresh: Uint8Array | null; readonly refused: readonly LogId[] };
  /** What it has, or had when it kept so many records. */
  stateVector(asOf?: ReadonlyMap<LogId, number>): Uint8Array;
  /** What somebody with this state vector lacks, save the logs withheld, and as of an earlier time if so told. */
  lackedBy(
    stateVector: Uint8Array,
    withheld: ReadonlySet<LogId>,
    asOf?: ReadonlyMap<LogId, number>,
  ): Uint8Array | null;
  /** Where the histories of logs part of which it was shown two, and what comes after that, save the logs withheld. */
  strays(withheld: ReadonlySet<LogId>): readonly Uint8Array[];
  heads(): ReadonlyMap<LogId, number>;
}

/** Where a log's histories part, the record there that the relay did not keep, and the other histories. */
interface Parting {
  from: number;
  second: Uint8Array | null;
  readonly others: Map<Hash, Uint8Array>;
}

/** A relay with nothing but what it is given at the start. */
export function newSimRelay(first: ReadonlyMap<LogId, readonly Uint8Array[]>): SimRelay {
  const logs = new Map<LogId, Uint8Array[]>([...first].map(([log, records]) => [log, [...records]]));

  /** Where a log's histories part, as far as the relay was shown, and what it was shown of the others. */
  const parted = new Map<LogId, Parting>();

  function setAside(run: Run): void {
    const held = logs.get(run.log) ?? [];
    for (const bytes of run.records.map((each) => each.slice())) {
      const record = decodeRecord(bytes);
      if (!record.ok) continue;
      const { hash, seq } = record.value;
      const own = held[seq];
      const known = parted.get(run.log);
      if (own === undefined ? known === undefined : hashOf(own) === hash) continue;
      const log = known ?? { from: seq, second: null, others: new Map() };
      if (own !== undefined && (log.second === null || seq < log.from)) {
        log.from = seq;
        log.second = bytes;
      }
      log.others.set(hash, bytes);
      parted.set(run.log, log);
    }
  }

  function takeRun(run: Run, refused: LogId[]): Run | null {
    setAside(run);
    const held = logs.get(run.log) ?? [];
    if (run.from > held.length) return null;
    const offered = run.records.slice(held.length - run.from);
    if (offered.length === 0) return null;
    const fresh = following(held.at(-1), offered);
    // As every relay does: after a thief's record there is no place for what its owner writes.
    if (fresh.length === 0) {
      refused.push(run.log);
      return null;
    }
    const from = held.length;
    logs.set(run.log, [...held, ...fresh.map((record) => record.slice())]);
    return { log: run.log, from, records: fresh };
  }

  const heads = () => new Map([...logs].map(([log, records]) => [log, records.length]));
  return {
    logs,
    heads,
    take(update) {
      const runs = parseAppend(update);
      if (!runs.ok) throw new Error(`a host sent an update that is none: ${runs.reason}`);
      const refused: LogId[] = [];
      const fresh = runs.value.map((run) => takeRun(run, refused)).filter((run) => run !== null);
      return { fresh: fresh.length === 0 ? null : encodeAppend(fresh), refused };
    },
    strays(withheld) {
      const updates: Uint8Array[] = [];
      for (const [log, { from, others, second }] of parted) {
        if (withheld.has(log)) continue;
        const own = (logs.get(log) ?? []).slice(from);
        const histories = [...own, ...others.values()];
        if (second !== null) updates.push(encodeAppend([{ log, from, records: [second] }]));
        if (histories.length > 0) updates.push(encodeAppend([{ log, from, records: histories }]));
      }
      return updates;
    },
    stateVector: (asOf) => encodeStateVector(asOf ?? heads()),
    lackedBy(stateVector, withheld, asOf) {
      const have = parseStateVector(stateVector, MAX_LOGS);
      if (!have.ok) throw new Error(`a host sent a state vector that is none: ${have.reason}`);
      const runs: Run[] = [];
      for (const [log, records] of logs) {
        const from = have.value.get(log) ?? 0;
        const until = asOf?.get(log) ?? (asOf === undefined ? records.length : 0);
        if (withheld.has(log) || from >= until) continue;
        runs.push({ log, from, records: records.slice(from, until) });
      }
      return runs.length === 0 ? null : encodeAppend(runs);
    },
  };
}

// What is shown of several histories is no run: after the first that does not follow there is none that does.
function following(last: Uint8Array | undefined, offered: readonly Uint8Array[]): readonly Uint8Array[] {
  let prev = last === undefined ? null : hashOf(last);
  const end = offered.findIndex((bytes) => {
    const record = decodeRecord(bytes.slice());
    if (prev !== null && record.ok && record.value.prev !== prev) return true;
    prev = hashOf(bytes);
    return false;
  });
  return end < 0 ? offered : offered.slice(0, end);
}
