import { deepStrictEqual, fail, strictEqual } from 'node:assert/strict';
import { simulateMonths } from './months.ts';
import { addTally, type Counted, newTally } from './tally.ts';

/** A few; `npm run sim:long` runs ten thousand. */
const RUNS = 12;
const FIRST = Number(process.env.SIM_SEED ?? 1);
const ONE = process.env.SIM_SEED !== undefined;

/** What seats are meant to stand, and happens in so many realms however they go. */
const MEANT: readonly Counted[] = [
  ...(['crash', 'reboot', 'stale', 'rejoined', 'clock-turned', 'cut', 'partition', 'carried'] as const),
  ...(['certified', 'member-added', 'member-removed', 'voters-changed', 'revoked', 'fork'] as const),
  ...(['term-opened', 'term-moved', 'applied', 'drained', 'granted', 'queued', 'denied'] as const),
  ...(['borrowed', 'overdrawn', 'given', 'transfer', 'transfer-on', 'accept', 'seat-request'] as const),
  ...(['request-answered', 'request-unanswered', 'spent-twice', 'decided'] as const),
];

describe('Simulated realms of sixty days', () => {
  const { count, tally } = newTally();

  it(`hold every invariant in ${ONE ? 1 : RUNS} runs from seed ${FIRST} on`, async function () {
    this.timeout(0);
    for (let seed = FIRST; seed < FIRST + (ONE ? 1 : RUNS); seed++) {
      const { tail, tally: own, violation } = await simulateMonths(seed);
      addTally(count, own);
      if (violation === null) continue;
      const again = `SIM_SEED=${seed} npx mocha --no-config build/test/sim/sixty-days.js`;
      fail([...tail, violation.stack, `seed ${seed}; again: ${again}`].join('\n'));
    }
  });

  it('see everything happen that seats are meant to stand', () => {
    if (!ONE)
      deepStrictEqual(
        MEANT.filter((what) => (tally.get(what) ?? 0) === 0),
        [],
      );
  });

  it('do the same for the same seed', async function () {
    this.timeout(0);
    const [first, again] = [await simulateMonths(3), await simulateMonths(3)];
    strictEqual(first.digest, again.digest);
  });
});
