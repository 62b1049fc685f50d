import assert from 'node:assert/strict';
import type { Span } from '../../core/decide/capacity.ts';
import { decideCheckout } from '../../core/decide/checkout.ts';
import { type Configuration, compile } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type Hash, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

/** 2030-04-11T00:00:00Z. */
const NOW = 1_893_456_000 + 100 * 86_400;
const TERM_END = NOW + 86_400;
/** How much later it may be than the host is certain of. */
const UNCERTAIN = 5;

function configuration(rules: Registry['rules'] = {}): Configuration {
  const registry = { ...smallRegistry(), rules };
  const compiled = compile({
    ...{ registry, realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash },
    ...{ parentRoster: null, keyOf: (log: number) => keyOfLog(log) as PublicKey },
  });
  assert(compiled.ok, compiled.ok ? '' : compiled.detail);
  return compiled.value;
}

const PLAIN = configuration();
const KEEPING = configuration({ kept: { feature: 'ray-batch', for: { people: ['bo'] }, keep: 1 } });

/** Seats in short: how many, and seconds from now until which, or in between which. */
type Short = readonly [seats: number, until: number, from?: number];

/** When a lease would end that is asked for now, in seconds from now, or why there is none. */
function answer(
  of: Configuration,
  lot: number,
  came: readonly Short[],
  leases: readonly number[] = [],
): number | string {
  const term = { index: 1, from: seconds(NOW - 86_400), until: seconds(TERM_END) };
  const spans: readonly Span[] = [
    { ...term, seats: lot },
    ...came.map(([seats, until, from = -1000]) => ({
      ...{ from: seconds(NOW + from), until: seconds(NOW + until), seats },
    })),
  ];
  const decision = decideCheckout({
    ...{ configuration: of, host: 'ws01' as PrincipalId, user: 'ana', feature: 'ray-batch' },
    lots: {
      ok: true,
      term,
      lot: () => lot,
      spans: () => spans,
      withheld: () => 0,
      withheldUntil: () => null,
    },
    time: {
      ...{ lower: seconds(NOW), upper: seconds(NOW + UNCERTAIN), offlineAge: seconds(0), conflict: false },
    },
    ...{ inUse: leases.length, maxOffline: seconds(86_400), deadline: null, uses: () => [] },
    ends: () => leases.map((end) => seconds(NOW + end)),
  });
  return decision.allow ? decision.end - NOW : decision.reason;
}

describe('A checkout on seats that came from another host', () => {
  const DAY = 86_400;
  const cases: readonly [
    why: string,
    expected: number | string,
    lot: number,
    came: readonly Short[],
    leases?: readonly number[],
  ][] = [
    ['ends when they do', 600, 0, [[1, 600]]],
    ['ends with the term where they go on', DAY, 0, [[1, 2 * DAY]]],
    ['is denied where they are certain for less than a minute', 'no-seat', 0, [[1, 59 + UNCERTAIN]]],
    ['is given where they are certain for a minute', 60 + UNCERTAIN, 0, [[1, 60 + UNCERTAIN]]],
    ['is denied where they have yet to come', 'no-seat', 0, [[1, 600, 60]]],
    ['is denied where others use them', 'no-seat', 0, [[1, 600]], [600]],
    ['is given out of the lot before they are touched', DAY, 1, [[1, 600]]],
    ['ends when they do where the lot is in use', 600, 1, [[1, 600]], [DAY]],
    ['goes on in the lot where a lease on it ends before they do', DAY, 1, [[1, 600]], [500]],
  ];
  for (const [why, expected, lot, came, leases] of cases) {
    it(why, () => assert.equal(answer(PLAIN, lot, came, leases), expected));
  }

  const kept: typeof cases = [
    ['leaves the one that is kept', DAY, 1, [[1, 600]]],
    ['does not take those for free that end within a minute', 'reserved', 1, [[1, 59 + UNCERTAIN]]],
    ['takes those for free that last for a minute', DAY, 1, [[1, 60 + UNCERTAIN]]],
    ['does not take those for free that have yet to come', 'reserved', 1, [[1, 600, 30]]],
  ];
  for (const [why, expected, lot, came, leases] of kept) {
    it(`${why}, where one seat is kept for others`, () => {
      assert.equal(answer(KEEPING, lot, came, leases), expected);
    });
  }
});
