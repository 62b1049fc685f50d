import { allocate } from '../../core/state/allocate.ts';
import { allocationsOf } from '../../core/state/allocations.ts';
import { compile, rosterOf } from '../../core/state/compile.ts';
import { demandOf } from '../../core/state/demand.ts';
import type { Registry } from '../../core/state/registry.ts';
import { foldUsage, type UsageEntry } from '../../core/state/usage.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';
import { type Bench, median, type Row, repeat } from './row.ts';

const HOSTS = 1000;
const FEATURES = 200;
const HOUR = 3600;

/** Seats of 200 features shared out over 1,000 hosts that have needed some, and a month of their use folded. */
export const allocation: Bench = {
  name: 'allocation',
  async run({ quick }) {
    const [hosts, rounds] = quick ? [100, 3] : [HOSTS, 7];
    const registry = registryOf(hosts, FEATURES);
    const roster = rosterOf(registry);
    const inputs = [...allocationsOf(registry, roster).values()];
    const on = { realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash };
    const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;
    const whole = () => {
      const compiled = compile({ ...on, registry, parentRoster: null, keyOf });
      if (!compiled.ok) throw new Error(`expected a configuration, got ${compiled.detail}`);
    };
    const entries = usageOf(hosts, quick ? 100_000 : 1_000_000);
    const records = entries.map((body) => ({ host: body.host, record: { body } as never }));
    const of = `${hosts.toLocaleString('en')} hosts × ${FEATURES} features`;
    const events = entries.reduce((sum, { sessions }) => sum + sessions.length, 0).toLocaleString('en');
    return [
      await timed(`lots by demand, ${of}`, rounds, () => inputs.forEach((input) => void allocate(input))),
      await timed(`the whole configuration compiled, ${of}`, rounds, whole),
      await timed(`what hosts have needed, ${events} sessions`, rounds, () => void demandOf(records)),
      await timed(`use folded to a log, ${events} sessions`, 3, () => void foldUsage(entries)),
    ];
  },
};

async function timed(what: string, rounds: number, work: () => void): Promise<Row> {
  const times = await repeat(rounds, async () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return { what, value: median(times), unit: 'ms', reach: null };
}

function registryOf(hosts: number, features: number): Registry {
  const registry = smallRegistry();
  registry.hosts = {};
  registry.reservations = {};
  registry.features = {};
  registry.blocks = {};
  registry.rules = {};
  registry.groups = {};
  registry.periods = {};
  for (let i = 0; i < hosts; i++) {
    const logs = { [String(1000 + i)]: keyOfLog(1000 + i) };
    registry.hosts[hostOf(i)] = { name: `Workstation ${i}`, class: 'office', logs };
  }
  for (let i = 0; i < features; i++) {
    const demand: Record<string, number> = {};
    for (let host = i % 3; host < hosts; host += 3) demand[hostOf(host)] = 1 + ((7 * host + i) % 9);
    const [feature, seats] = [`feature-${i}`, 2 * hosts + i];
    registry.features[feature] = { name: `Feature ${i}`, software: 'raytracer', seats, demand };
    registry.periods[feature] = { feature, from: '2030-01-01', until: '2030-12-31' };
    registry.reservations[feature] = { feature, host: hostOf(i % hosts), seats: 5 };
  }
  return registry;
}

const hostOf = (i: number) => `ws${i.toString().padStart(4, '0')}`;

/** Eight working hours of each of 28 days, as hosts sign them; in every hour one session goes on from the hour before. */
const HOURS = 28 * 8;

function usageOf(hosts: number, sessions: number): readonly (UsageEntry & { peaks: Map<string, number> })[] {
  const each = Math.max(2, Math.round(sessions / (hosts * HOURS)));
  return Array.from({ length: hosts * HOURS }, (_, at) => {
    const [host, i] = [Math.floor(at / HOURS), at % HOURS];
    const [hour, isLast] = [1_900_000_800 + i * HOUR, i % 8 === 7];
    const names = [`feature-${host % FEATURES}`, `feature-${(host + i) % FEATURES}`, 'ana', 'bo'];
    const long = [0, 2, 500 - (i % 8) * HOUR, isLast ? 900 : null] as const;
    const short = (s: number) => [s % 2, 2 + (s % 2), 60 * s, 60 * s + 900] as const;
    return {
      ...{ host: hostOf(host) as PrincipalId, log: (host + 1) as LogId, seq: i, hour, quiet: 0, names },
      sessions: [long, ...Array.from({ length: each - 1 }, (__, s) => short(s))],
      peaks: new Map(names.slice(0, 2).map((name) => [name, 1 + ((host + i) % 5)] as const)),
      ...{ denials: [], lost: 0, upTo: seconds(hour + HOUR) },
    };
  });
}
