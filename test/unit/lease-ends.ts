import assert from 'node:assert/strict';
import { type CheckoutQuestion, decideCheckout } from '../../core/decide/checkout.ts';
import { periodsOf } from '../../core/decide/periods.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { ask, at, configuration, DAY, END, lots, NOW, START, TERM_END } from '../support/checkout-asked.ts';

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
