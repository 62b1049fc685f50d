import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { lotsIn } from '../../core/decide/lots.ts';
import { lotQuestion, type Model } from '../../core/engine/model.ts';
import { add } from '../../core/ledger/ledger.ts';
import { derive, emptyState, type State } from '../../core/state/state.ts';
import type { Hash, LogId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { type BenchRealm, benchRealm, FEATURE, MOMENT, runHost, USER } from './bench-realm.ts';
import { atMost, type Bench, median, type Row } from './row.ts';

const HOSTS = 50;
const SIZES = [1000, 10_000, 100_000] as const;
/** Seconds that folding 100,000 records may take. */
const REACH_S = 2;
const HOUR = 3600;
const DAY = 86_400;
const MIB = 2 ** 20;
/** Records of one round of seats from host to host. */
const ROUND = 6;

/**
 * What leases and seats leave in the logs, folded: a transfer out of a lot, its accept, the seat passed on and accepted, given
 * back and accepted, and an hour of use for each of these rounds.
 */
export const folding: Bench = {
  name: 'folding',
  async run({ quick }) {
    const realm = await benchRealm(HOSTS, 1);
    const [founder] = realm.members;
    if (founder === undefined) throw new Error('expected a founder');
    const runtime = await runHost(realm, founder, memoryStore());
    await runtime.compared();
    const published = await runtime.submit(1, { do: 'publish', message: '', expect: null });
    if (!published.ok) throw new Error(`expected a version, got ${published.reason}: ${published.detail}`);
    const before = [...runtime.model.state.ledger.logs.values()].flat();
    const rows: Row[] = [];
    for (const size of quick ? SIZES.slice(0, 2) : SIZES) {
      rows.push(...rowsWith(runtime.model, realm, before, size, quick ? 2 : 5));
    }
    await runtime.close();
    return rows;
  },
};

function rowsWith(
  model: Model,
  realm: BenchRealm,
  before: readonly VerifiedRecord[],
  size: number,
  rounds: number,
): Row[] {
  const records = recordsOf(realm, before, size);
  const times: number[] = [];
  const grown: number[] = [];
  let state = emptyState(realm.id);
  for (let round = 0; round < rounds; round++) {
    state = folded(emptyState(realm.id), before);
    const used = memory();
    const start = performance.now();
    folded(state, records);
    times.push((performance.now() - start) / 1000);
    grown.push(memory() - used);
  }
  const counted = [...state.seats.verdicts.values()].filter((verdict) => verdict === null).length;
  const moves = records.filter(({ type }) => type !== 'usage').length;
  if (counted !== moves) throw new Error(`expected ${moves} moves that count, got ${counted}`);
  const of = `${size.toLocaleString('en')} records`;
  const row = (figure: string, unit: string, value: number, reach: Row['reach'] = null): Row => ({
    ...{ what: `${figure}, ${of}`, value, unit, reach },
    grows: { figure, over: 'records', at: size },
  });
  const isLargest = size === SIZES.at(-1);
  return [
    row('folded', 's', median(times), isLargest ? atMost(REACH_S) : null),
    row('memory beside the records', 'MiB', median(grown) / MIB),
    row('the lots of a host afterwards, asked', 'µs', lotsAsked({ ...model, state })),
  ];
}

function folded(state: State, records: readonly VerifiedRecord[]): State {
  for (const record of records) {
    if (add(state.ledger, record) !== 'added') throw new Error('expected the next record of its log');
    derive(state, record);
  }
  return state;
}

/** Microseconds for which a checkout asks where the seats of its host are. */
function lotsAsked(model: Model): number {
  const question = lotQuestion(model);
  if (question === null) throw new Error('expected an applied version');
  const times = 2000;
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    const view = lotsIn(question, Math.floor(MOMENT / DAY));
    if (!view.ok) throw new Error(`expected lots, got ${view.reason}`);
    view.lot(FEATURE);
  }
  return ((performance.now() - start) / times) * 1000;
}

type Fields = Pick<VerifiedRecord, 'type'> & { readonly body: unknown };

function recordsOf(
  { id, members }: BenchRealm,
  before: readonly VerifiedRecord[],
  count: number,
): VerifiedRecord[] {
  const nexts = new Map<LogId, number>();
  for (const { log, seq } of before) nexts.set(log, seq + 1);
  const of = before.findLast(({ type }) => type === 'candidate')?.hash;
  const records: VerifiedRecord[] = [];
  const sign = (log: LogId, fields: Fields): Hash => {
    const seq = nexts.get(log) ?? 0;
    nexts.set(log, seq + 1);
    const hash = records.length.toString(16).padStart(64, '0') as Hash;
    const place = { realm: id, log, seq, hash, proven: true, carried: [], signers: [], grants: [] };
    // Verifying is measured elsewhere: these have no bytes.
    records.push({ ...place, ...fields } as unknown as VerifiedRecord);
    return hash;
  };
  for (let round = 0; records.length + ROUND < count; round++) {
    const [giver, second, third] = [0, 1, 2].map((i) => members[(7 * round + i) % HOSTS]?.log) as [
      LogId,
      LogId,
      LogId,
    ];
    const term = Math.floor(MOMENT / DAY) - Math.floor((count / ROUND - round) / (HOSTS * 4));
    const right = { feature: FEATURE, seats: 1, class: 'office', term, of, request: null };
    const sent = sign(giver, { type: 'transfer', body: { ...right, to: second, source: null } });
    sign(second, { type: 'accept', body: { of: sent } });
    const passed = sign(second, { type: 'transfer', body: { ...right, to: third, source: sent } });
    sign(third, { type: 'accept', body: { of: passed } });
    const back =
      round % 2 === 0 ? sign(third, { type: 'surrender', body: { transfer: passed, seats: 1 } }) : null;
    if (back !== null) sign(second, { type: 'accept', body: { of: back } });
    sign(third, { type: 'usage', body: hourOf(round) });
  }
  return records;
}

function hourOf(round: number) {
  const hour = Math.floor((MOMENT - DAY) / HOUR + round) * HOUR;
  const sessions = Array.from({ length: 6 }, (_, i) => [0, 1, 500 * i, 500 * i + 400]);
  return {
    hour,
    peaks: new Map([[FEATURE, 3]]),
    quiet: 0,
    names: [FEATURE, USER],
    sessions,
    denials: [],
    lost: 0,
  };
}

/** Bytes in use after everything unused has been collected. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
