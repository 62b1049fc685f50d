import type { Store, StoreWrite } from '../ports.ts';
import type { LogId } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import type { UnverifiedRun } from '../verify/run.ts';

const RECORD_PREFIX = 'record/';
const RECORDS = { from: RECORD_PREFIX, to: 'record0' } as const;

/** The write that stores a record: keys order by log, then by seq. */
export function writeRecord(record: VerifiedRecord): StoreWrite {
  return { key: recordKey(record.log, record.seq), value: record.bytes };
}

function recordKey(log: LogId, seq: number): string {
  return `${RECORD_PREFIX}${hex32(log)}/${hex32(seq)}`;
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
