import { deepStrictEqual, fail, strictEqual } from 'node:assert/strict';
import { simulateMonths } from './months.ts';
import { addTally, type Counted, newTally } from './tally.ts';

const RUNS = 16;
const FIRST = Number(process.env.SIM_SEED ?? 1);
const ONE = process.env.SIM_SEED !== undefined;

/** What seats are held to in so many realms. */
const MEANT: readonly Counted[] = [
  ...(['crash', 'reboot', 'clock-turned', 'cut', 'partition', 'carried', 'backup-taken'] as const),
] as never;

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
