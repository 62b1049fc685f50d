import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideExpiry } from '../../core/decide/expiry.ts';
import { type Span, union } from '../../core/decide/spans.ts';
import { seconds } from '../../core/units.ts';

const instant = fc.integer({ min: 0, max: 1000 }).map(seconds);
const span = fc.tuple(instant, fc.integer({ min: 1, max: 300 })).map(([from, length]) => ({
  from,
  until: seconds(from + length),
}));
const spans = fc.array(span, { maxLength: 6 });
const maybe = fc.option(instant, { nil: null });
const LONG = seconds(100);

function ask(periods: readonly Span[], lower: number | null, age = 0, other = {}) {
  const time = {
    ...{ lower: lower === null ? null : seconds(lower), upper: null, offlineAge: seconds(age) },
    ...{ conflict: false, ...other },
  };
  return decideExpiry({ spans: union(periods), time, maxOffline: LONG, warnBefore: seconds(50) });
}

describe('A decision about a period', () => {
  it('that has once been expired is never a yes again, however the lower bound grows', () => {
    fc.assert(
      fc.property(spans, instant, fc.nat(1000), fc.nat(200), (periods, lower, later, age) => {
        const first = ask(periods, lower, age);
        if (first.allow || first.reason !== 'expired') return;
        const then = ask(periods, lower + later);
        assert(!then.allow && then.reason === 'expired');
      }),
    );
  });

  it('never depends on the upper bound', () => {
    fc.assert(
      fc.property(spans, maybe, maybe, fc.nat(200), (periods, lower, upper, age) => {
        assert.deepEqual(ask(periods, lower, age, { upper }), ask(periods, lower, age));
      }),
    );
  });

  it('becomes no yes by a longer time offline', () => {
    fc.assert(
      fc.property(spans, maybe, fc.nat(200), fc.nat(200), (periods, lower, age, longer) => {
        if (!ask(periods, lower, age).allow) assert(!ask(periods, lower, age + longer).allow);
      }),
    );
  });

  it('is a yes exactly where one of the periods holds', () => {
    fc.assert(
      fc.property(spans, instant, (periods, lower) => {
        const held = periods.some(({ from, until }) => from <= lower && lower <= until);
        assert.equal(ask(periods, lower).allow, held);
      }),
    );
  });

  it('is another when the date comes that it gave, and not a moment sooner', () => {
    fc.assert(
      fc.property(spans, instant, fc.nat(100), (periods, lower, age) => {
        const { allow, changesAt } = ask(periods, lower, age);
        if (changesAt === null) return;
        const passes = (span: number) => ask(periods, lower + span, allow ? age + span : 0).allow;
        const left = changesAt - lower;
        if (left > 1) assert.equal(passes(left - 1), allow);
        assert.equal(passes(left + (allow ? 1 : 0)), !allow);
      }),
    );
  });
});
