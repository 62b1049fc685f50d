import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import {
  elapse,
  emptyClock,
  evidence,
  type HostClock,
  MAX_DRIFT,
  now,
  restore,
  type TimeView,
  type Witness,
  witness,
} from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { relayKey, testToken } from '../support/tokens.ts';

const START = 1_790_000_000;
/** What doubles lose at this size. */
const ROUNDING = 1e-5;

const share = fc.double({ min: 0, max: 1, noNaN: true });
const event = fc.oneof(
  fc.record(
    { kind: fc.constant('pass' as const), span: fc.double({ min: 0, max: 1e6, noNaN: true }) },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constant('ask' as const),
      relay: fc.nat(4),
      out: fc.double({ min: 0, max: 9, noNaN: true }),
      back: fc.double({ min: 0, max: 9, noNaN: true }),
      error: share,
      lie: fc.integer({ min: -1e9, max: 1e9 }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constant('hear' as const),
      relay: fc.nat(4),
      age: fc.double({ min: 0, max: 1e6, noNaN: true }),
      lie: fc.integer({ min: -1e9, max: 1e9 }),
    },
    { noNullPrototype: true },
  ),
  fc.record({ kind: fc.constant('restart' as const) }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constant('reboot' as const), off: fc.double({ min: 0, max: 1e6, noNaN: true }) },
    { noNullPrototype: true },
  ),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const history = fc.record(
  {
    events: fc.array(event, { maxLength: 40 }),
    speed: share,
    liars: fc.nat(2),
    named: fc.boolean(),
  },
  { noNullPrototype: true },
);

interface Machine {
  clock: HostClock;
  /** The true time. */
  truth: number;
  running: number;
  boots: number;
  readonly rate: number;
  readonly liars: number;
  readonly named: boolean;
}

function machine(speed: number, liars: number, named: boolean): Machine {
  const slowest = 1 / (1 + MAX_DRIFT);
  const fastest = 1 / (1 - MAX_DRIFT);
  const rate = slowest + speed * (fastest - slowest);
  return { clock: emptyClock(), truth: START, running: 50, boots: 0, rate, liars, named };
}

function pass(host: Machine, span: number): void {
  host.truth += span;
  host.running += span * host.rate;
}

const bootOf = (host: Machine) => (host.named ? `boot ${host.boots}` : null);

function view(host: Machine, other: { wall?: number; rtc?: boolean } = {}): TimeView {
  return now(host.clock, {
    running: seconds(host.running),
    boot: bootOf(host),
    wall: seconds(other.wall ?? 0),
    liars: host.liars,
    rtc: other.rtc ?? false,
  });
}

/** Relays 0 … f − 1 of 2f + 1 lie; the others are right within their radius of 3. */
function happen(host: Machine, what: Event): Witness | null {
  const relay = 'relay' in what ? what.relay % (2 * host.liars + 1) : 0;
  const lies = relay < host.liars;
  switch (what.kind) {
    case 'pass':
      pass(host, what.span);
      return null;
    case 'ask': {
      const sentAt = seconds(host.running);
      pass(host, what.out);
      const midpoint = host.truth + (lies ? what.lie : 6 * what.error - 3);
      pass(host, what.back);
      const receivedAt = seconds(host.running);
      return { token: testToken(relayKey(relay), midpoint), sentAt, receivedAt, boot: bootOf(host) };
    }
    case 'hear': {
      const midpoint = lies ? host.truth + what.lie : host.truth - what.age;
      const at = seconds(host.running);
      return { token: testToken(relayKey(relay), midpoint), passive: true, at, boot: bootOf(host) };
    }
    case 'restart':
      host.clock = restore(evidence(elapse(host.clock, seconds(host.running), bootOf(host))));
      return null;
    case 'reboot':
      host.clock = restore(evidence(elapse(host.clock, seconds(host.running), bootOf(host))));
      host.boots++;
      host.truth += what.off;
      host.running = 5;
      return null;
  }
}

describe('the interval of now', () => {
  it('holds the true time over any history, whatever f of 2f + 1 relays say', () => {
    fc.assert(
      fc.property(history, ({ events, speed, liars, named }) => {
        const host = machine(speed, liars, named);
        for (const what of events) {
          const seen = happen(host, what);
          if (seen !== null) host.clock = witness(host.clock, seen);
          const { lower, upper, conflict } = view(host);
          ok(lower === null || lower <= host.truth + ROUNDING, `lower ${lower} of ${host.truth}`);
          ok(upper === null || upper >= host.truth - ROUNDING, `upper ${upper} of ${host.truth}`);
          strictEqual(conflict && lower !== null && upper !== null && lower - upper > ROUNDING, false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('owes nothing to the wall clock where the class does not allow it', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: -1e12, max: 1e12 }), ({ events, speed, liars, named }, wall) => {
        const host = machine(speed, liars, named);
        for (const what of events) {
          const seen = happen(host, what);
          if (seen !== null) host.clock = witness(host.clock, seen);
        }
        deepStrictEqual(view(host, { wall }), view(host));
        const rtc = view(host, { wall, rtc: true });
        ok(rtc.upper === null || rtc.conflict || rtc.upper >= (rtc.lower ?? 0));
        strictEqual(rtc.lower, view(host).lower);
      }),
    );
  });

  it('gets no lower upper bound, no lower lower bound and no younger offline age from a passive token', () => {
    fc.assert(
      fc.property(history, ({ events, speed, liars, named }) => {
        const host = machine(speed, liars, named);
        for (const what of events) {
          const seen = happen(host, what);
          if (seen === null) continue;
          const before = view(host);
          host.clock = witness(host.clock, seen);
          const after = view(host);
          ok((after.lower ?? 0) >= (before.lower ?? 0));
          if (seen.passive === true)
            deepStrictEqual([after.upper, after.offlineAge], [before.upper, before.offlineAge]);
        }
      }),
    );
  });

  it('does not depend on the order in which the tokens of a boot are taken in', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), ({ events, speed, liars, named }, order) => {
        const host = machine(speed, liars, named);
        const seen = events
          .filter((what) => what.kind !== 'reboot' && what.kind !== 'restart')
          .map((what) => happen(host, what))
          .filter((what) => what !== null);
        const shuffled = seen
          .map((what) => ({ what, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ what }) => what);
        const views = [seen, shuffled].map((list) => {
          host.clock = list.reduce(witness, emptyClock());
          return view(host);
        });
        deepStrictEqual(views[1], views[0]);
      }),
    );
  });

  it('is the same after storing and restoring within a boot that has an id', () => {
    fc.assert(
      fc.property(history, ({ events, speed, liars }) => {
        const host = machine(speed, liars, true);
        for (const what of events) {
          const seen = happen(host, what);
          if (seen !== null) host.clock = witness(host.clock, seen);
        }
        const before = view(host);
        host.clock = restore(evidence(host.clock));
        deepStrictEqual(view(host), before);
      }),
    );
  });
});
