import type { Store, StoreWrite } from '../ports.ts';
import type { LogId } from '../units.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import type { UnverifiedRun } from '../verify/run.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';

const RECORD_PREFIX = 'record/';
const STRAY_PREFIX = 'stray/';
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

/** All stored strays, each its parts and its record, with the log that it is of. */
export async function readStrays(
  store: Store,
): Promise<readonly { readonly log: LogId; readonly records: readonly Uint8Array[] }[]> {
  const strays = [];
  for await (const [key, value] of store.range(STRAYS)) {
    const decoded = decodeCbor(value);
    const list = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    const records = list.filter((bytes) => bytes instanceof Uint8Array);
    const log = Number.parseInt(key.slice(STRAY_PREFIX.length, STRAY_PREFIX.length + 8), 16) as LogId;
    strays.push({ log, records });
  }
  return strays;
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
