import type { LogId } from '../../core/units.ts';
import type { Run } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { encodeBody, type TestRealm } from '../support/realm.ts';

const HOUR = 3600;
const START = 1_800_000_000;
const MAX_FEATURE_ID = 64;

/** Records after the end of one of a realm's logs, each signed and of about so many bytes. The realm is left as it is. */
export async function signedRun(
  realm: TestRealm,
  log: LogId,
  count: number,
  recordBytes: number,
  after: Run = realm.run(log),
): Promise<Run> {
  const signer = realm.signerOf(log);
  const from = after.from + after.records.length;
  const last = after.records.at(-1);
  let prev = last === undefined ? NO_HASH : hashOf(last);
  const records: Uint8Array[] = [];
  const padding = recordBytes - (await seal(from, 0)).length;
  for (let i = 0; i < count; i++) {
    const record = await seal(from + i, padding);
    prev = hashOf(record);
    records.push(record);
  }
  return { log, from, records };

  async function seal(seq: number, padded: number): Promise<Uint8Array> {
    const body = encodeBody('usage', {
      hour: START + seq * HOUR,
      peaks: peaksOf(padded),
      ...{ quiet: 0, names: [], sessions: [], denials: [], lost: 0 },
    });
    const prepared = prepareRecord({ realm: realm.id, log, seq, prev, type: 'usage', body });
    return prepared.seal(await signer.sign(prepared.signed));
  }
}

/** Peaks of features whose names make up so many bytes. */
function peaksOf(bytes: number): ReadonlyMap<string, number> {
  const peaks = new Map<string, number>();
  for (let left = bytes; left > 4; left -= MAX_FEATURE_ID + 3) {
    const name = `${String(peaks.size)}${'f'.repeat(Math.max(0, Math.min(left - 4, MAX_FEATURE_ID - 1)))}`;
    peaks.set(name, 1);
  }
  return peaks;
}

/** A run cut into runs of at most so many bytes of records. */
export function portionsOf(run: Run, bytes: number): readonly Run[] {
  const portions: Run[] = [];
  let records: Uint8Array[] = [];
  let size = 0;
  let from = run.from;
  for (const record of run.records) {
    records.push(record);
    size += record.length;
    if (size < bytes) continue;
    portions.push({ log: run.log, from, records });
    from += records.length;
    records = [];
    size = 0;
  }
  if (records.length > 0) portions.push({ log: run.log, from, records });
  return portions;
}
