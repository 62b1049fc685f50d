import { deepStrictEqual, fail, notEqual, strictEqual } from 'node:assert/strict';
import { simulate } from './run.ts';
import { addTally, missingFrom, newTally, tallyLines } from './tally.ts';

const RUNS = Number(process.env.SIM_RUNS ?? 200);
const FIRST = Number(process.env.SIM_SEED ?? 1);
const ONE = process.env.SIM_SEED !== undefined && process.env.SIM_RUNS === undefined;

describe('Simulated realms', () => {
  const { count, tally } = newTally();

  it(`hold every invariant in ${ONE ? 1 : RUNS} runs from seed ${FIRST} on`, async function () {
    this.timeout(0);
    for (let seed = FIRST; seed < FIRST + (ONE ? 1 : RUNS); seed++) {
      const { tail, tally: own, violation } = await simulate(seed);
      addTally(count, own);
      if (violation === null) continue;
      const again = `SIM_SEED=${seed} npx mocha --no-config build/test/sim/simulation.js`;
      fail([...tail, violation.stack, `seed ${seed}; again: ${again}`].join('\n'));
    }
  });

  it('see everything happen that they are meant to stand', () => {
    // A handful of runs need not meet everything.
    if (!ONE && RUNS >= 200) deepStrictEqual(missingFrom(tally), []);
    if (process.env.SIM_RUNS !== undefined) console.log(tallyLines(tally).join('\n'));
  });

  it('do the same for the same seed, and something else for another', async function () {
    this.timeout(0);
    const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    strictEqual(first.digest, again.digest);
    notEqual(first.digest, other.digest);
  });
});
