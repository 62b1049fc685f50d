import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { reportPage } from '../../core/cli/reports/page.ts';
import { DAY } from '../../core/state/reports/buckets.ts';
import { usageFigures } from '../../core/state/reports/figures.ts';
import type { UsageLog, UsageSession } from '../../core/state/usage.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { seededRandom } from '../support/random.ts';
import { denial, hoursOf, session, usageLog } from '../support/usage.ts';
import { type Bench, median, type Row } from './row.ts';

const FROM = 1_893_456_000;
const DAYS = 365;
const FEATURES = 20;
const HOSTS = 100;
const USERS = 300;
const SEATS = 60;
/** Of a hundred events, those that are denials. */
const DENIALS = 5;
const MIB = 2 ** 20;

/** A report over a year of use: its figures, and its page with every plot. */
export const usageReport: Bench = {
  name: 'usage-report',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const events of quick ? [100_000] : [100_000, 300_000, 1_000_000]) {
      rows.push(...rowsWith(yearOf(events), events, quick ? 1 : 3));
    }
    return rows;
  },
};

function rowsWith(log: UsageLog, events: number, rounds: number): readonly Row[] {
  const times: number[] = [];
  const span = { from: seconds(FROM), until: seconds(FROM + DAYS * DAY) };
  const capacity = [{ from: seconds(0), seats: SEATS, version: 2 }];
  const capacities = new Map(Array.from({ length: FEATURES }, (_, i) => [`feature-${i}`, capacity]));
  const question = { log, span, capacities, members: new Set<PrincipalId>(log.covered.keys()) };
  const before = memory();
  let figures = usageFigures(question);
  const grown = memory() - before;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    figures = usageFigures(question);
    times.push((performance.now() - start) / 1000);
  }
  const start = performance.now();
  const page = reportPage({
    kind: 'usage',
    figures,
    size: DAY,
    made: { at: FROM, by: 'bench', realm: null },
  });
  const drawn = (performance.now() - start) / 1000;
  const of = `${events.toLocaleString('en')} events`;
  const grows = { over: 'events', at: events };
  return [
    {
      ...{
        what: `figures of ${of}`,
        value: median(times),
        unit: 's',
        reach: null,
      },
      grows: { figure: 'figures', ...grows },
    },
    {
      ...{ what: `memory that the figures of ${of} take`, value: grown / MIB, unit: 'MiB', reach: null },
      grows: { figure: 'memory of figures', ...grows },
    },
    {
      what: `page with ${2 * FEATURES} plots of ${of}, drawn twice each`,
      value: drawn,
      unit: 's',
      reach: null,
    },
    { what: `size of that page`, value: page.length / MIB, unit: 'MiB', reach: null },
  ];
}

function yearOf(events: number): UsageLog {
  const chance = seededRandom(11);
  const sessions: UsageSession[] = [];
  const denials = [];
  for (let i = 0; i < events; i++) {
    const feature = `feature-${chance.int(FEATURES)}`;
    const [user, host] = [`user-${chance.int(USERS)}`, `host-${chance.int(HOSTS)}`];
    const at = FROM + chance.int(DAYS) * DAY + Math.floor((7 + 6 * (chance.next() + chance.next())) * 3600);
    if (chance.int(100) < DENIALS) denials.push(denial(feature, user, host, at));
    else sessions.push(session(feature, user, host, at, at + 60 + chance.int(14_400)));
  }
  const hosts = Array.from({ length: HOSTS }, (_, i) => hoursOf(`host-${i}`, FROM, FROM + DAYS * DAY));
  return usageLog({ sessions, denials, covered: new Map(hosts) });
}

/** Bytes in use after everything unused has been collected. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
