import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketCount, bucketSpan, bucketsOf } from '../../core/state/reports/buckets.ts';
import { capacityAt } from '../../core/state/reports/capacity.ts';
import { type FeatureFigures, usageFigures } from '../../core/state/reports/figures.ts';
import { sumBy } from '../../core/state/reports/piles.ts';
import type { UsageLog } from '../../core/state/usage.ts';
import { type PrincipalId, type Seconds, seconds } from '../../core/units.ts';
import { denial, hoursOf, session, usageLog } from '../support/usage.ts';

/** Few instants, so that much falls together; every second is looked at by the oracle. */
const LAST = 4 * 3600;
const STEP = 300;
const instant = fc.integer({ min: 0, max: LAST / STEP }).map((n) => n * STEP);
const feature = fc.constantFrom('a', 'b');
const user = fc.constantFrom('ana', 'bo');
const host = fc.constantFrom('h1', 'h2');
const anySession = fc
  .tuple(feature, user, host, instant, instant)
  .map(([f, u, h, x, y]) => session(f, u, h, Math.min(x, y), Math.max(x, y)));
const anyDenial = fc.tuple(feature, user, host, instant).map(([f, u, h, at]) => denial(f, u, h, at));
const anyLog = fc.record(
  { sessions: fc.array(anySession, { maxLength: 20 }), denials: fc.array(anyDenial, { maxLength: 8 }) },
  { noNullPrototype: true },
);
const anySpan = fc
  .tuple(instant, instant)
  .map(([x, y]) => ({ from: seconds(Math.min(x, y)), until: seconds(Math.max(x, y) + STEP) }));
const anyCapacity = fc.array(
  fc
    .tuple(
      instant,
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 2 }),
    )
    .map(([from, seats, version, overdraft]) => ({ from: seconds(from), seats, version, overdraft })),
  { maxLength: 4 },
);

type Capacity = typeof anyCapacity extends fc.Arbitrary<infer T> ? T : never;
type Span = typeof anySpan extends fc.Arbitrary<infer T> ? T : never;

function figuresOf(
  log: Partial<UsageLog>,
  span: Span,
  capacity: Capacity = [{ from: 0 as Seconds, seats: 2, overdraft: 0, version: 1 }],
) {
  const capacities = new Map(['a', 'b'].map((id) => [id, capacity]));
  return usageFigures({ log: usageLog(log), span, capacities, members: new Set<PrincipalId>() });
}

/** Everything begins and ends at multiples of STEP: one look in each says all. */
function looks({ from, until }: Span): number[] {
  return Array.from({ length: (until - from) / STEP }, (_, i) => from + i * STEP);
}

function openAt(log: Pick<UsageLog, 'sessions'>, id: string, at: number): number {
  return log.sessions.filter((one) => one.feature === id && one.from <= at && at < one.until).length;
}

function stepAt({ inUse: { at, seats } }: FeatureFigures, instant: number): number {
  return seats[at.findLastIndex((change) => change <= instant)] ?? Number.NaN;
}

describe('figures of use', () => {
  it('say at every instant what counting the open sessions says', () => {
    fc.assert(
      fc.property(anyLog, anySpan, (log, span) => {
        for (const one of figuresOf(log, span).features) {
          for (const at of looks(span)) assert.equal(stepAt(one, at), openAt(log, one.feature, at));
        }
      }),
    );
  });

  it('have the peak, the seat-hours and the full time of an oracle that looks at every instant', () => {
    fc.assert(
      fc.property(anyLog, anySpan, anyCapacity, (log, span, capacity) => {
        for (const one of figuresOf(log, span, capacity).features) {
          const seen = looks(span).map((at) => ({ at, open: openAt(log, one.feature, at) }));
          const peak = Math.max(...seen.map(({ open }) => open));
          const first = seen.find(({ open }) => open === peak)?.at;
          assert.deepEqual(one.peak, peak === 0 ? null : { seats: peak, at: first });
          assert.equal(one.used, seen.reduce((sum, { open }) => sum + open, 0) * STEP);
          const seats = (at: number) => capacityAt(one.capacity, seconds(at));
          const beyond = (at: number) => one.capacity.findLast(({ from }) => from <= at)?.overdraft ?? 0;
          const shares = seen
            .map(({ at, open }) => open / (seats(at) || Number.NaN))
            .filter((x) => !Number.isNaN(x));
          assert.equal(one.load.peak, shares.length === 0 ? null : Math.max(...shares));
          const full = seen.filter(
            ({ at, open }) => open > 0 && open >= (seats(at) ?? Number.POSITIVE_INFINITY) + beyond(at),
          );
          assert.equal(one.load.full, full.length * STEP);
          const overdrawn = seen.map(({ at, open }) =>
            Math.min(beyond(at), Math.max(0, open - (seats(at) ?? 0))),
          );
          assert.equal(one.load.overdrawn, overdrawn.reduce((sum, of) => sum + of, 0) * STEP);
        }
      }),
    );
  });

  it('hold of the versions of one instant the newest, and before the first none', () => {
    fc.assert(
      fc.property(anySpan, anyCapacity, (span, capacity) => {
        for (const one of figuresOf({}, span, capacity).features) {
          for (const at of looks(span)) {
            const before = capacity.filter(({ from }) => from <= at);
            const latest = Math.max(...before.map(({ from }) => Math.max(from, span.from)));
            const newest = before
              .filter(({ from }) => Math.max(from, span.from) === latest)
              .sort((a, b) => a.from - b.from || a.version - b.version)
              .at(-1);
            assert.equal(capacityAt(one.capacity, seconds(at)), newest?.seats ?? null);
          }
        }
      }),
    );
  });

  for (const size of [900, 3600, 7200]) {
    it(`cut into buckets of ${size} s have the peak and the sum of each`, () => {
      fc.assert(
        fc.property(anyLog, anySpan, (log, span) => {
          for (const one of figuresOf(log, span).features) {
            const buckets = bucketsOf(one.inUse, span, size);
            const seen: { peak: number; used: number }[] = [];
            for (const at of looks(span)) {
              const index = Math.floor(at / size) - Math.floor(span.from / size);
              const open = openAt(log, one.feature, at);
              const bucket = seen[index] ?? { peak: 0, used: 0 };
              seen[index] = { peak: Math.max(bucket.peak, open), used: bucket.used + open * STEP };
            }
            assert.deepEqual(
              [...buckets.peak],
              seen.map(({ peak }) => peak),
            );
            assert.deepEqual(
              [...buckets.used],
              seen.map(({ used }) => used),
            );
          }
        }),
      );
    });

    it(`cut into buckets of ${size} s leave no instant out and none in two`, () => {
      fc.assert(
        fc.property(anySpan, (span) => {
          const all = Array.from({ length: bucketCount(span, size) }, (_, i) =>
            bucketSpan({ size, span }, i),
          );
          assert.deepEqual([all[0]?.from, all.at(-1)?.until], [span.from, span.until]);
          assert.deepEqual(
            all.slice(1).map(({ from }) => from),
            all.slice(0, -1).map(({ until }) => until),
          );
        }),
      );
    });
  }

  it('add up to the same by user, by host and in all', () => {
    fc.assert(
      fc.property(anyLog, anySpan, (log, span) => {
        const { denials, features } = figuresOf(log, span);
        for (const { denied, reasons, used, uses } of features) {
          for (const nameOf of [(use: { user: string }) => use.user, (use: { host: string }) => use.host]) {
            const sums = sumBy(uses, nameOf);
            assert.equal(
              sums.reduce((sum, { seatSeconds }) => sum + seatSeconds, 0),
              used,
            );
            assert.equal(
              sums.reduce((sum, one) => sum + one.denials, 0),
              denied.length,
            );
          }
          assert.equal(
            reasons.reduce((sum, { count }) => sum + count, 0),
            denied.length,
          );
        }
        assert.equal(
          features.reduce((sum, { denied }) => sum + denied.length, 0),
          denials.length,
        );
      }),
    );
  });

  it('do not depend on the order in which events are known', () => {
    fc.assert(
      fc.property(anyLog, anySpan, (log, span) => {
        const turned = { sessions: log.sessions.toReversed(), denials: log.denials.toReversed() };
        const covered = new Map([hoursOf('h1', 0, LAST)]);
        const [one, other] = [log, turned].map((each) => figuresOf({ ...each, covered }, span).features);
        assert.deepEqual(one, other);
      }),
    );
  });
});
