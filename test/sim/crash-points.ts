import { strictEqual } from 'node:assert/strict';
import type { SimHost } from './host.ts';
import { quiet } from './quiet.ts';
import { simulate } from './run.ts';

const SEED = 11;
/** Every operation where time is given for it; a comb of them otherwise. */
const STRIDE = process.env.SIM_RUNS === undefined ? 13 : 1;

const busy = quiet({ publish: 5 }, { hosts: 3, length: 450, pace: 60, slowDisk: 0.5 });

describe('A host that ends between any two of its effects', () => {
  for (const at of [0, 1]) {
    it(`leaves its realm whole, host ${at + 1}`, async function () {
      this.timeout(0);
      for (let operation = 1, reached = true; reached; operation += STRIDE) {
        let host: SimHost | undefined;
        let survived = true;
        const { tail, violation } = await simulate(SEED, {
          profile: busy,
          prepare(world) {
            host = world.hosts[at];
            host?.lightFuse(operation);
            world.timeline.after(449, () => {
              survived = host?.lives === 1;
            });
          },
        });
        strictEqual(violation, null, [...tail, violation?.message, `operation ${operation}`].join('\n'));
        reached = !survived;
      }
    });
  }
});
