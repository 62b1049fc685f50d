import assert from 'node:assert/strict';
import {
  type CheckoutDenial,
  type CheckoutQuestion,
  decideCheckout,
  PASSING,
} from '../../core/decide/checkout.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import {
  ask,
  at,
  configuration,
  DAY,
  END,
  lots,
  NOW,
  START,
  TERM_END,
  without,
} from '../support/checkout-asked.ts';

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
