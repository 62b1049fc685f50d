import { deepStrictEqual } from 'node:assert/strict';
import { decideExpiry, type ExpiryDecision, OFFLINE_AFTER } from '../../core/decide/expiry.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';

const DAY = 86_400;
const FROM = 1_790_000_000;
const UNTIL = FROM + 365 * DAY;
const NEVER = Number.POSITIVE_INFINITY;

const time = (lower: number | null, offlineAge = 0, other: Partial<TimeView> = {}): TimeView => ({
  lower: lower === null ? null : seconds(lower),
  upper: null,
  offlineAge: seconds(offlineAge),
  conflict: false,
  ...other,
});
const fine: ExpiryDecision = { allow: true, warnings: [] };
const denied = (
  reason: 'expired' | 'not-started' | 'offline-too-long' | 'time-unknown',
  changesAt: number | null = null,
): ExpiryDecision => ({
  allow: false,
  reason,
  changesAt: changesAt === null ? null : seconds(changesAt),
});

describe('expiry', () => {
  const table: readonly (readonly [why: string, view: TimeView, expected: ExpiryDecision])[] = [
    ['allows within the period', time(FROM + DAY), fine],
    ['allows at the first second', time(FROM), fine],
    ['denies before the first second, until then', time(FROM - 1), denied('not-started', FROM)],
    [
      'allows at the last second, with a warning',
      time(UNTIL),
      { allow: true, warnings: [{ kind: 'expires-soon', at: seconds(UNTIL) }] },
    ],
    ['denies after the last second, for good', time(UNTIL + 0.001), denied('expired')],
    ['denies without a lower bound', time(null, 0, { upper: seconds(FROM + DAY) }), denied('time-unknown')],
    ['denies a lower bound that is no number', time(Number.NaN), denied('not-started', FROM)],
    [
      'warns from thirty days before the end',
      time(UNTIL - 30 * DAY),
      { allow: true, warnings: [{ kind: 'expires-soon', at: seconds(UNTIL) }] },
    ],
    ['does not warn earlier than asked', time(UNTIL - 30 * DAY - 1), fine],
    ['does not call a host offline within the first hour', time(FROM + DAY, OFFLINE_AFTER), fine],
    [
      'allows offline within the grace, and says until when',
      time(FROM + DAY, 4 * DAY),
      { allow: true, warnings: [{ kind: 'offline', until: seconds(FROM + 11 * DAY) }] },
    ],
    [
      'allows at the end of the grace',
      time(FROM + DAY, 14 * DAY),
      { allow: true, warnings: [{ kind: 'offline', until: seconds(FROM + DAY) }] },
    ],
    [
      'denies beyond the grace, to whoever cut the network to stop time',
      time(FROM + DAY, 14 * DAY + 1),
      denied('offline-too-long'),
    ],
    ['denies a host that no relay ever answered', time(FROM + DAY, NEVER), denied('offline-too-long')],
    [
      'says expired rather than offline, since no network mends that',
      time(UNTIL + 1, NEVER),
      denied('expired'),
    ],
    [
      'goes on with a warning when the relays contradict each other',
      time(FROM + DAY, 0, { conflict: true }),
      { allow: true, warnings: [{ kind: 'time-conflict' }] },
    ],
    ['does not look at the upper bound', time(FROM + DAY, 0, { upper: seconds(UNTIL + DAY) }), fine],
  ];
  for (const [why, view, expected] of table) {
    it(why, () => {
      const period = { from: seconds(FROM), until: seconds(UNTIL) };
      const question = { period, time: view, maxOffline: seconds(14 * DAY), warnBefore: seconds(30 * DAY) };
      deepStrictEqual(decideExpiry(question), expected);
    });
  }
});
