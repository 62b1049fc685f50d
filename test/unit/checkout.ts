import assert from 'node:assert/strict';
import {
  type CheckoutDenial,
  type CheckoutQuestion,
  decideCheckout,
  PASSING,
} from '../../core/decide/checkout.ts';
import type { LotDenial, LotView } from '../../core/decide/lots.ts';
import { periodsOf } from '../../core/decide/periods.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { type Configuration, compile } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const DAY = 86_400;
/** 2030-01-01T00:00:00Z, when the period of the small lab starts. */
const START = 1_893_456_000;
/** 2031-01-01T00:00:00Z, when it is over. */
const END = START + 365 * DAY;
/** 2030-04-11T00:00:00Z. */
const NOW = START + 100 * DAY;
const TERM_END = NOW + DAY;

function configuration(change: (registry: Registry) => void = () => undefined): Configuration {
  const registry = smallRegistry();
  change(registry);
  const compiled = compile({
    ...{ registry, realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash },
    ...{ parentRoster: null, keyOf: (log: number) => keyOfLog(log) as PublicKey },
  });
  assert(compiled.ok, compiled.ok ? '' : compiled.detail);
  return compiled.value;
}

function at(instant: number | null, more: Partial<TimeView> = {}): TimeView {
  const lower = instant === null ? null : seconds(instant);
  return { lower, upper: lower, offlineAge: seconds(0), conflict: false, ...more };
}

function lots(seats: number, until = TERM_END, withheld = 0): LotView {
  const term = { index: 1, from: seconds(until - DAY), until: seconds(until) };
  const lot = (feature: string) => (feature === 'ray-batch' ? seats : 1);
  const spans = (feature: string) => [{ ...term, seats: lot(feature) }];
  return { ok: true, term, lot, spans, withheld: () => withheld, withheldUntil: () => null };
}

function ask(more: Partial<CheckoutQuestion> = {}): CheckoutQuestion {
  return {
    ...{ configuration: configuration(), host: 'ws01' as PrincipalId, user: 'ana', feature: 'ray-batch' },
    ...{
      time: at(NOW),
      lots: lots(3),
      inUse: 0,
      ends: () => [],
      uses: () => [],
      maxOffline: seconds(14 * DAY),
      deadline: null,
    },
    ends: () => Array.from({ length: more.inUse ?? 0 }, () => seconds(TERM_END)),
    ...more,
  };
}

const without = (reason: LotDenial): Partial<CheckoutQuestion> => ({ lots: { ok: false, reason } });

describe('a checkout is denied', () => {
  const cases: readonly [
    why: string,
    question: Partial<CheckoutQuestion>,
    reason: CheckoutDenial,
    detail: string,
  ][] = [
    ['for a feature that the version does not name', { feature: 'x' }, 'unknown-feature', 'no feature x'],
    [
      'for a feature that only an object inherits',
      { feature: 'constructor' },
      'unknown-feature',
      'no feature constructor',
    ],
    ['to somebody whom it does not name', { user: 'eve' }, 'unknown-user', 'eve is not in version 2'],
    [
      'to a user whom only an object inherits',
      { user: 'toString' },
      'unknown-user',
      'toString is not in version 2',
    ],
    [
      'to a user whom a rule denies it',
      { user: 'bo', feature: 'ray-view' },
      'user-not-entitled',
      'rule ray-designers denies it',
    ],
    [
      'to a user whom no rule allows it',
      { user: 'dee', feature: 'ray-view' },
      'user-not-entitled',
      'no rule allows it',
    ],
    [
      'on a host that no rule allows it',
      { host: 'ws03' as PrincipalId, feature: 'ray-view' },
      'host-not-entitled',
      'no rule allows it',
    ],
    [
      'on a host that a rule denies it',
      {
        feature: 'ray-view',
        configuration: configuration((registry) => {
          registry.rules.bar = { feature: 'ray-view', deny: { hosts: ['ws01'] } };
        }),
      },
      'host-not-entitled',
      'rule bar denies it',
    ],
    [
      'where no period covers it',
      {
        configuration: configuration((registry) => {
          registry.periods = {};
        }),
      },
      'no-period',
      'no period of version 2 covers it',
    ],
    [
      'before its period',
      { time: at(START - 1) },
      'not-started',
      'its period starts at 2030-01-01T00:00:00Z',
    ],
    ['after its period', { time: at(END + 1) }, 'expired', 'its period ended at 2031-01-01T00:00:00Z'],
    ['at the end of its period', { time: at(END) }, 'expired', 'its period ends at 2031-01-01T00:00:00Z'],
    [
      'when it could already be the end of its period',
      { time: at(END - 5, { upper: seconds(END) }) },
      'expired',
      'its period ends at 2031-01-01T00:00:00Z',
    ],
    [
      'when no relay was reached for too long',
      { time: at(NOW, { offlineAge: seconds(14 * DAY + 1) }) },
      'offline-too-long',
      'no relay has been reached for longer than this class of host may be offline',
    ],
    [
      'where no relay has ever signed the time',
      { time: at(null) },
      'time-unknown',
      'no relay has ever signed the time for this host',
    ],
    [
      'when the deadline of a rollout has come',
      { deadline: seconds(NOW) },
      'draining',
      'what was lent under the applied version has ended, and a newer one is about to be applied',
    ],
    [
      'when all its seats are in use',
      { inUse: 3 },
      'no-seat',
      "3 of this host's 3 seats are in use, 5 in all",
    ],
    [
      'when a newer version gives more than may be used in this term',
      { inUse: 1, lots: lots(1, TERM_END, 2) },
      'no-seat',
      "1 of this host's 1 seats are in use, 5 in all; 2 more of version 2 from a later term on",
    ],
    [
      'when more than its seats are in use, as its lot has shrunk',
      { inUse: 4 },
      'no-seat',
      "4 of this host's 3 seats are in use, 5 in all",
    ],
    [
      'where it has no seats at all',
      { lots: lots(0) },
      'no-seat',
      "0 of this host's 0 seats are in use, 5 in all",
    ],
    [
      'without a bound of time',
      without('time-unknown'),
      'time-unknown',
      'no relay has signed the time recently enough to use seats',
    ],
    [
      'between terms',
      without('between-terms'),
      'between-terms',
      'one term is ending and the next begins in a moment',
    ],
    ['without a term', without('no-term'), 'no-term', 'the voters have not opened the present term'],
    [
      'without the version that governs',
      without('version-behind'),
      'version-behind',
      'the present term belongs to a newer version that this host has not applied',
    ],
    [
      'without a class',
      without('unknown-class'),
      'unknown-class',
      'the applied version does not name this host or its class',
    ],
    [
      'for its period first where its lots are missing too, as waiting would not help',
      { time: at(END + 1), ...without('no-term') },
      'expired',
      'its period ended at 2031-01-01T00:00:00Z',
    ],
  ];
  for (const [why, question, reason, detail] of cases) {
    it(why, () => {
      assert.deepEqual(decideCheckout(ask(question)), { allow: false, reason, detail });
    });
  }

  it('for good where neither time nor a return helps', () => {
    const reasons = new Set(cases.map(([, , reason]) => reason));
    assert.deepEqual([...reasons].filter((reason) => !PASSING.has(reason)).sort(), [
      ...['expired', 'host-not-entitled', 'no-period', 'not-started', 'offline-too-long'],
      ...['unknown-class', 'unknown-feature', 'unknown-user', 'user-not-entitled'],
    ]);
  });
});

describe('a lease ends', () => {
  const cases: readonly [why: string, question: Partial<CheckoutQuestion>, end: number][] = [
    ['with the term', {}, TERM_END],
    ['with its period if that is earlier', { time: at(END - 60), lots: lots(3, END + 60) }, END],
    ['with the term even if a deadline is later', { deadline: seconds(TERM_END + 1) }, TERM_END],
    ['with a deadline if that is earlier', { deadline: seconds(NOW + 10) }, NOW + 10],
    [
      'with the earliest of term, period and deadline',
      { time: at(END - 60), lots: lots(3, END - 10), deadline: seconds(END - 20) },
      END - 20,
    ],
    [
      'with the longest of several periods that hold now',
      { ...several(['2030-01-01', '2030-04-11T00:00:30Z'], ['2030-02-01', '2030-04-11T00:00:50Z']) },
      NOW + 50,
    ],
    [
      'with the period that holds now, not with one to come',
      several(['2030-01-01', '2030-04-11T00:00:30Z'], ['2030-12-01', '2030-12-31']),
      NOW + 30,
    ],
    [
      'with the period that holds now, though another is over',
      several(['2029-01-01', '2029-12-31'], ['2030-01-01', '2030-04-11T00:00:30Z']),
      NOW + 30,
    ],
  ];
  for (const [why, question, end] of cases) {
    it(why, () => {
      const decision = decideCheckout(ask(question));
      assert(decision.allow, decision.allow ? '' : decision.detail);
      assert.equal(decision.end, end);
    });
  }

  it('with the end of periods that overlap or touch, as with one', () => {
    for (const next of ['2030-04-01', '2030-04-12']) {
      const { configuration: named } = several(['2030-01-01', '2030-04-11'], [next, '2030-12-31']);
      assert(named !== undefined);
      const decision = decideCheckout(ask({ configuration: named, lots: lots(3, END) }));
      assert(decision.allow);
      assert.equal(decision.end, END);
    }
  });

  it('with days from set-up, within the dates that bound them', () => {
    for (const [days, end] of [
      [1, NOW - 60 + DAY],
      [365, END],
    ] as const) {
      const trial = configuration((registry) => {
        registry.periods = { trial: { feature: 'ray-batch', days, until: '2030-12-31' } };
      });
      const setUp = () => seconds(NOW - 60);
      const decision = decideCheckout(ask({ configuration: trial, setUp, lots: lots(3, END) }));
      assert(decision.allow, decision.allow ? '' : decision.detail);
      assert.equal(decision.end, end);
    }
  });

  it('after a day that its period names as the last', () => {
    assert.deepEqual(periodsOf(configuration(), 'ray-view'), [{ from: START, until: END }]);
  });

  function several(...spans: readonly (readonly [from: string, until: string])[]): Partial<CheckoutQuestion> {
    const named = configuration((registry) => {
      registry.periods = Object.fromEntries(
        spans.map(([from, until], i) => [`p${i}`, { feature: 'ray-batch', from, until }]),
      );
    });
    return { configuration: named };
  }
});

describe('a lease comes with a warning', () => {
  const cases: readonly [why: string, time: TimeView, kinds: readonly string[]][] = [
    ['of nothing while all is well', at(NOW), []],
    ['of the end of its period from two weeks before', at(END - 14 * DAY), ['expires-soon']],
    ['of no end that is further away', at(END - 14 * DAY - 1), []],
    ['of being offline after an hour', at(NOW, { offlineAge: seconds(3601) }), ['offline']],
    ['of relays that contradict each other', at(NOW, { conflict: true }), ['time-conflict']],
  ];
  for (const [why, time, kinds] of cases) {
    it(why, () => {
      const decision = decideCheckout(ask({ time, lots: lots(3, END) }));
      assert(decision.allow, decision.allow ? '' : decision.detail);
      assert.deepEqual(
        decision.warnings.map(({ kind }) => kind),
        kinds,
      );
    });
  }
});
