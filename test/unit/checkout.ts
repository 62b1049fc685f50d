import assert from 'node:assert/strict';
import {
  type CheckoutQuestion,
  decideCheckout,
  decideEntitlement,
  PASSING,
} from '../../core/decide/checkout.ts';
import type { LotView } from '../../core/decide/lots.ts';
import { type Configuration, compile } from '../../core/state/compile.ts';
import { isoTime, periodStart } from '../../core/state/period.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { Hash, PrincipalId, PublicKey, Seconds } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const NOW = 1_906_545_600;
const TERM = { index: 1, from: seconds(NOW - 100), until: seconds(NOW + 900) };

function compiled(change: (registry: Registry) => void = () => undefined): Configuration {
  const registry = smallRegistry();
  change(registry);
  const verdict = compile({
    ...{ registry, realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash },
    ...{ parentRoster: null, keyOf: (log: number) => keyOfLog(log) as PublicKey },
  });
  assert(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

const lots = (seats: number): LotView => ({ ok: true, term: TERM, lot: () => seats });

function asking(more: Partial<CheckoutQuestion> = {}): CheckoutQuestion {
  const time = { lower: seconds(NOW), upper: seconds(NOW + 5), offlineAge: seconds(0), conflict: false };
  return {
    ...{ configuration: compiled(), host: 'ws01' as PrincipalId, user: 'ana', feature: 'ray-view', time },
    ...{ lots: lots(2), inUse: 0, maxOffline: seconds(3600), deadline: null },
    ...more,
  };
}

function timed(lower: number | null, upper: number | null, offlineAge = 0): CheckoutQuestion['time'] {
  const or = (value: number | null): Seconds | null => (value === null ? null : seconds(value));
  return { lower: or(lower), upper: or(upper), offlineAge: seconds(offlineAge), conflict: false };
}

describe('A checkout', () => {
  const rows: readonly [why: string, question: Partial<CheckoutQuestion>, expected: string][] = [
    ['is allowed until the end of the term', {}, `until ${NOW + 900}`],
    ['is allowed up to the last seat of the lot', { inUse: 1 }, `until ${NOW + 900}`],
    ['is denied beyond it', { inUse: 2 }, 'no-seat'],
    ['is denied where the lot has shrunk below what is lent', { inUse: 3 }, 'no-seat'],
    ['is denied on a host without a lot', { lots: lots(0) }, 'no-seat'],
    ['ends at the deadline of a rollout', { deadline: seconds(NOW + 60) }, `until ${NOW + 60}`],
    ['is denied once that deadline may have passed', { deadline: seconds(NOW + 5) }, 'draining'],
    ['is denied for a feature that is not there', { feature: 'ray-flow' }, 'unknown-feature'],
    ['is denied for a name that every object has', { feature: 'constructor' }, 'unknown-feature'],
    ['is denied for somebody who is not there', { user: 'zoe' }, 'unknown-user'],
    ['is denied for a user with a name that every object has', { user: 'toString' }, 'unknown-user'],
    ['is denied for a host, which is no person', { user: 'ws01' }, 'unknown-user'],
    ['is denied for somebody whom a rule denies', { user: 'bo' }, 'user-not-entitled'],
    ['is denied for somebody whom no rule lists', { user: 'dee' }, 'user-not-entitled'],
    [
      'is denied to everybody on a host that no rule lists',
      { host: 'ws03' as PrincipalId },
      'host-not-entitled',
    ],
    ['is denied without a term', { lots: { ok: false, reason: 'no-term' } }, 'no-term'],
    ['is denied between terms', { lots: { ok: false, reason: 'between-terms' } }, 'between-terms'],
    ['is denied behind the version', { lots: { ok: false, reason: 'version-behind' } }, 'version-behind'],
    ['is denied without a class', { lots: { ok: false, reason: 'unknown-class' } }, 'unknown-class'],
    ['is denied before any relay has told the time', { time: timed(null, null) }, 'time-unknown'],
    ['is denied before its period', { time: timed(NOW - 31e6, NOW - 31e6) }, 'not-started'],
    ['is denied after its period', { time: timed(NOW + 31e6, NOW + 31e6) }, 'expired'],
    ['is denied when offline for too long', { time: timed(NOW, NOW + 5, 3601) }, 'offline-too-long'],
    [
      'is allowed when offline for just not too long',
      { time: timed(NOW, NOW + 5, 3600) },
      `until ${NOW + 900}`,
    ],
  ];
  for (const [why, question, expected] of rows) {
    it(why, () => {
      const decision = decideCheckout(asking(question));
      assert.equal(decision.allow ? `until ${decision.end}` : decision.reason, expected);
      assert(decision.allow || decision.detail.length > 0);
    });
  }

  it('is denied for a feature without a period', () => {
    const configuration = compiled((registry) => {
      registry.periods = {};
    });
    const decision = decideCheckout(asking({ configuration }));
    assert.equal(!decision.allow && decision.reason, 'no-period');
  });

  it('ends with its period, and is denied when that may be over already', () => {
    const until = isoTime(seconds(NOW + 60)).replace(/:00Z$/, 'Z');
    const configuration = compiled((registry) => {
      registry.periods = { short: { feature: 'ray-view', from: '2030-01-01', until } };
    });
    const early = decideCheckout(asking({ configuration }));
    assert.equal(early.allow && early.end, periodStart(until));
    const late = decideCheckout(asking({ configuration, time: timed(NOW + 50, NOW + 60) }));
    assert.equal(!late.allow && late.reason, 'expired');
  });

  it('has the latest of the periods that hold now, those of its blocks too', () => {
    const configuration = compiled((registry) => {
      registry.periods = {
        over: { feature: 'ray-view', from: '2029-01-01', until: '2029-12-31' },
        now: { feature: 'ray-view', from: '2030-01-01', until: '2030-06-02' },
        block: { block: 'ray', from: '2030-01-01', until: '2030-12-31' },
        later: { feature: 'ray-view', from: '2031-01-01', until: '2031-12-31' },
      };
    });
    const decision = decideEntitlement(asking({ configuration }));
    assert.equal(decision.allow && isoTime(decision.end), '2031-01-01T00:00:00Z');
  });

  it('is queued only for what passes by itself', () => {
    assert.deepEqual([...PASSING].sort(), [
      ...['between-terms', 'draining', 'no-seat', 'no-term', 'time-unknown', 'version-behind'],
    ]);
  });
});
