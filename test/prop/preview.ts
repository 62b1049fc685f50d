import assert from 'node:assert/strict';
import fc from 'fast-check';
import { previewUsage } from '../../core/decide/preview.ts';
import { type Configuration, compile } from '../../core/state/compile.ts';
import type { UsageDenial, UsageLog, UsageSession } from '../../core/state/usage.ts';
import { type Hash, type LogId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';
import { denial, session, usageLog } from '../support/usage.ts';

/** 2030-06-01, within the periods of the test registry. */
const T = 1_906_545_600;
const FEATURE = 'ray-batch';

const user = fc.constantFrom('ana', 'bo', 'cy');
const host = fc.constantFrom('ws01', 'ws02');
const instant = fc.integer({ min: 0, max: 12 });
const anyLog = fc
  .tuple(
    fc.array(fc.tuple(user, host, instant, instant), { maxLength: 14 }),
    fc.array(fc.tuple(user, host, instant), { maxLength: 4 }),
  )
  .map(([sessions, denials]) =>
    usageLog({
      sessions: sessions.map(([u, h, from, span]) => session(FEATURE, u, h, T + from, T + from + span)),
      denials: denials.map(([u, h, at]) => denial(FEATURE, u, h, T + at)),
    }),
  );
const anySeats = fc.record(
  {
    seats: fc.integer({ min: 1, max: 3 }),
    perUser: fc.boolean(),
    most: fc.option(fc.integer({ min: 1, max: 2 })),
  },
  { noNullPrototype: true },
);
type Seats = typeof anySeats extends fc.Arbitrary<infer S> ? S : never;

/** So many seats of one feature, of which ana may have so many at once. */
function configurationOf({ most, perUser, seats }: Seats): Configuration {
  const registry = smallRegistry();
  const per = perUser ? ({ per: 'user' } as const) : {};
  registry.features[FEATURE] = { name: 'Batch', software: 'raytracer', seats, ...per };
  registry.reservations = {};
  registry.rules = most === null ? {} : { r: { feature: FEATURE, for: { people: ['ana'] }, max: most } };
  const on = { realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash };
  const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;
  const compiled = compile({ registry, ...on, parentRoster: null, keyOf });
  assert(compiled.ok);
  return compiled.value;
}

interface Told {
  granted: number;
  refused: number;
  first: number;
  last: number;
  readonly hosts: Set<string>;
  readonly holders: Map<string, number>;
}

/** What became of each checkout, by looking through all sessions at each. */
function looked({ denials, sessions }: UsageLog, { most, perUser, seats }: Seats) {
  const held: UsageSession[] = [];
  const denied = new Map<string, Told>();
  const relieved = new Map<string, number>();
  const at = (one: UsageSession | UsageDenial) => ('at' in one ? one.at : one.from);
  for (const one of [...sessions, ...denials].sort((a, b) => at(a) - at(b))) {
    const now = at(one);
    const open = held.filter(({ until }) => until > now).map((each) => `${each.user} ${each.host}`);
    const used = perUser ? [...new Set(open)] : open;
    const shares = perUser && open.includes(`${one.user} ${one.host}`);
    const own = used.filter((each) => each.startsWith('ana ')).length;
    const isLimited = one.user === 'ana' && most !== null && own >= most;
    const reason = shares ? null : isLimited ? 'limit-reached' : used.length >= seats ? 'no-seat' : null;
    if (reason === null) {
      if ('at' in one) relieved.set(one.user, (relieved.get(one.user) ?? 0) + 1);
      else held.push(one);
      continue;
    }
    const key = `${one.user} ${reason}`;
    const fresh: Told = {
      granted: 0,
      refused: 0,
      first: now,
      last: now,
      hosts: new Set(),
      holders: new Map(),
    };
    const told = denied.get(key) ?? fresh;
    denied.set(key, told);
    told['at' in one ? 'refused' : 'granted'] += 1;
    told.last = now;
    told.hosts.add(one.host);
    for (const holder of new Set(open)) told.holders.set(holder, (told.holders.get(holder) ?? 0) + 1);
  }
  return { denied, relieved };
}

describe('A preview of any use', () => {
  it('denies, for the same reasons and with the same holders, what an oracle denies that looks at every session', () => {
    fc.assert(
      fc.property(anyLog, anySeats, (usage, of) => {
        const configuration = configurationOf(of);
        const result = previewUsage({ configuration, usage, since: seconds(T), later: seconds(0) });
        const { denied, relieved } = looked(usage, of);
        const came = result.denials.map(({ first, granted, holders, hosts, last, reason, refused, user }) => {
          const byHolder = new Map(holders.map((each) => [`${each.user} ${each.host}`, each.times]));
          return [
            `${user} ${reason}`,
            { granted, refused, first, last, hosts: new Set(hosts), holders: byHolder },
          ];
        });
        assert.deepEqual(new Map(came as [string, Told][]), denied);
        assert.deepEqual(new Map(result.relieved.map(({ times, user }) => [user, times])), relieved);
        assert.deepEqual([result.granted, result.refused], [usage.sessions.length, usage.denials.length]);
      }),
      { numRuns: 400 },
    );
  });

  it('tells of those first who would be denied most often, and then soonest, and of those who held most often', () => {
    fc.assert(
      fc.property(anyLog, anySeats, (usage, of) => {
        const configuration = configurationOf(of);
        const { denials } = previewUsage({ configuration, usage, since: seconds(T), later: seconds(0) });
        for (const [i, next] of denials.slice(1).entries()) {
          const [a, b] = [denials[i], next].map((each) => (each?.granted ?? 0) + (each?.refused ?? 0));
          assert.ok((a ?? 0) > (b ?? 0) || (a === b && (denials[i]?.first ?? 0) <= next.first));
        }
        for (const { holders } of denials) {
          const times = holders.map((each) => each.times);
          assert.deepEqual(
            times,
            [...times].sort((a, b) => b - a),
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});
