import type { LogId } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { encodeBody, type TestRealm } from './realm.ts';

const BODY = encodeBody('heads', { whole: true, next: new Map<LogId, number>() });

/** So many records for the end of a log, each chained to the one before; only the good ones are signed by its key. */
export async function chained(
  realm: TestRealm,
  log: LogId,
  count: number,
  good: (i: number) => boolean,
): Promise<Uint8Array[]> {
  const held = realm.run(log).records;
  let last = held.at(-1);
  const records: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const place = { realm: realm.id, log, seq: held.length + i, prev: last ? hashOf(last) : NO_HASH };
    const record = prepareRecord({ ...place, type: 'heads', body: BODY });
    last = record.seal(good(i) ? await realm.signerOf(log).sign(record.signed) : new Uint8Array(64).fill(9));
    records.push(last);
  }
  return records;
}
