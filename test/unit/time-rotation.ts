import { ok, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { Signer } from '../../core/ports.ts';
import { seconds } from '../../core/units.ts';
import { verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { timeKeeper } from '../../relay/time.ts';
import { testClock } from '../support/clock.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { seededRandom } from '../support/random.ts';
import { timeRequest } from '../support/time-clients.ts';

const WINDOW = 1000;
const T = 1_790_000_000;
const longTerm = testSigner('relay');
const ports = { crypto: nodeCrypto, sha512 };
const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: seconds(WINDOW) };

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('a delegation that ends', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`never shows in an answer that does not verify, nor in a time that goes back (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const clock = testClock(T);
      let synchronised = true;
      let keys = 0;
      const slow = (signer: Signer): Signer => ({
        key: signer.key,
        async sign(message) {
          await turns(random.int(4));
          return signer.sign(message);
        },
      });
      const keeper = await timeKeeper({
        ...{ longTerm: slow(longTerm), sha512, delegation: seconds(WINDOW) },
        makeOnlineKey: async () => slow(testSigner(`online ${++keys}`)),
        wall: () => clock.wall(),
        synchronised: () => synchronised,
        mark: { load: async () => null, save: async () => turns(random.int(3)) },
      });
      const asked: Promise<void>[] = [];
      let latest = 0;

      async function ask(number: number): Promise<void> {
        const before = latest;
        const expected = synchronised;
        const request = timeRequest(number);
        const [answer] = await keeper.answer([request]);
        const result = await verifyResponse(ports, answer ?? new Uint8Array(0), request, trust);
        if (!expected) return strictEqual(result.ok ? 'believed' : result.reason, 'unsynchronised');
        ok(result.ok, result.ok ? '' : `${result.reason} at ${clock.wall() - T}`);
        ok(result.value.midpoint >= before);
        latest = Math.max(latest, result.value.midpoint);
      }

      for (let step = 0; step < 60; step++) {
        for (let i = random.int(4); i >= 0; i--) asked.push(ask(step * 4 + i));
        // To the last moment of a window, the first of the next, or anywhere.
        const until = keeper.delegatedUntil();
        const left = until === null ? 0 : until - clock.wall();
        const spans = [random.int(WINDOW), random.int(20), 0, left, left + 1, 3 * WINDOW, WINDOW / 4];
        await turns(random.int(3));
        clock.advance(Math.max(0, random.pick(spans)));
        if (random.int(8) === 0) {
          await Promise.all(asked.splice(0));
          synchronised = !synchronised;
        }
      }
      await Promise.all(asked);
      ok(keys > 5, `only ${keys} keys`);
    });
  }
});
