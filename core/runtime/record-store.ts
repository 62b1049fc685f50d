import type { Store, StoreWrite } from '../ports.ts';
import type { Hash, LogId } from '../units.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import type { UnverifiedRun } from '../verify/run.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';

const RECORD_PREFIX = 'record/';
const STRAY_PREFIX = 'stray/';
const FORK_PREFIX = 'fork/';
const FORKS = { from: FORK_PREFIX, to: 'fork0' } as const;
const STRAYS = { from: STRAY_PREFIX, to: 'stray0' } as const;
const RECORDS = { from: RECORD_PREFIX, to: 'record0' } as const;

/** The write that stores a record: keys order by log, then by seq. */
export function writeRecord(record: VerifiedRecord): StoreWrite {
  return { key: recordKey(record.log, record.seq), value: record.bytes };
}

function recordKey(log: LogId, seq: number): string {
  return `${RECORD_PREFIX}${hex32(log)}/${hex32(seq)}`;
}

/** The write that stores a stray: its parts come before it. */
export function writeStray({ parts, record }: Stray): StoreWrite {
  const key = `${STRAY_PREFIX}${hex32(record.log)}/${record.hash}`;
  return { key, value: encodeCbor([...parts, record.bytes]) };
}

/** What is stored of other histories of a log: which strays, and their records with the parts before each. */
interface StoredStrays {
  readonly log: LogId;
  readonly hashes: Set<Hash>;
  readonly records: Uint8Array[];
}

/** All stored strays, log by log. */
export async function readStrays(store: Store): Promise<readonly StoredStrays[]> {
  const logs = new Map<LogId, StoredStrays>();
  for await (const [key, value] of store.range(STRAYS)) {
    const [digits = '', hash = ''] = key.slice(STRAY_PREFIX.length).split('/');
    const log = Number.parseInt(digits, 16) as LogId;
    const stored = logs.get(log) ?? { log, hashes: new Set(), records: [] };
    logs.set(log, stored);
    const decoded = decodeCbor(value);
    const list = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    stored.hashes.add(hash as Hash);
    stored.records.push(...list.filter((bytes) => bytes instanceof Uint8Array));
  }
  return [...logs.values()];
}

/** The write that stores the two records that a log has for one place. */
export function writeFork(a: VerifiedRecord, b: VerifiedRecord): StoreWrite {
  return { key: `${FORK_PREFIX}${hex32(a.log)}`, value: encodeCbor([a.bytes, b.bytes]) };
}

/** The two records of each such log. */
export async function readForks(store: Store): Promise<readonly (readonly Uint8Array[])[]> {
  const forks = [];
  for await (const [, value] of store.range(FORKS)) {
    const decoded = decodeCbor(value);
    const list = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    forks.push(list.filter((bytes) => bytes instanceof Uint8Array));
  }
  return forks;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** All stored records as runs, one for each log. */
export async function readRuns(store: Store): Promise<readonly UnverifiedRun[]> {
  const runs = new Map<LogId, Uint8Array[]>();
  for await (const [key, value] of store.range(RECORDS)) {
    const log = Number.parseInt(key.slice(RECORD_PREFIX.length, RECORD_PREFIX.length + 8), 16) as LogId;
    const records = runs.get(log);
    if (records === undefined) runs.set(log, [value]);
    else records.push(value);
  }
  return [...runs].map(([log, records]) => ({ log, from: 0, records }));
}
