import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { seconds } from '../../core/units.ts';
import { MAX_DELEGATION, verifyGossip, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { decodePacket, encodeTags, TAGS, uint32 } from '../../core/wire/roughtime-message.ts';
import { newCounts } from '../../relay/counts.ts';
import { type TimeKeeper, timeKeeper } from '../../relay/time.ts';
import { GREASES, greased, spoil } from '../../relay/time-grease.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { seededRandom } from '../support/random.ts';
import { timeRequest } from '../support/time-clients.ts';

const T = 1_790_000_000;
const longTerm = testSigner('relay');
const ports = { crypto: nodeCrypto, sha512 };
const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };

const honest = (): Promise<TimeKeeper> =>
  timeKeeper({
    ...{ longTerm, sha512 },
    makeOnlineKey: async () => testSigner('online'),
    wall: () => seconds(T),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
  });

/** What passes between hosts of a packet, spoilt or not. */
function gossipOf(packet: Uint8Array): Uint8Array {
  const message = decodePacket(packet);
  ok(message.ok);
  const shared = [...message.value].filter(([tag]) => [TAGS.SIG, TAGS.SREP, TAGS.CERT].includes(tag));
  return encodeTags(new Map(shared));
}

describe('grease', () => {
  it('is refused by whoever verifies, or says the time that was signed', async () => {
    const keeper = await honest();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(...GREASES),
        fc.integer(),
        async (count, kind, seed) => {
          const random = seededRandom(seed);
          const requests = Array.from({ length: count }, (_, i) => timeRequest(i));
          const answers = await keeper.answer(requests);
          for (const [i, request] of requests.entries()) {
            const spoilt = spoil(answers[i] ?? new Uint8Array(0), kind, random);
            ok(spoilt.length <= request.length);
            const result = await verifyResponse(ports, spoilt, request, trust);
            strictEqual(result.ok, kind === 'undefined-tag', kind);
            if (result.ok) strictEqual(result.value.midpoint, T);
            const token = await verifyGossip(nodeCrypto, gossipOf(spoilt), trust);
            if (token.ok) strictEqual(token.value.midpoint, T);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is given to the share that was asked for, of every kind, and counted', async () => {
    const counts = newCounts();
    for (const [share, least, most] of [
      [0, 0, 0],
      [0.25, 60, 140],
      [1, 400, 400],
    ] as const) {
      const keeper = greased(await honest(), share, seededRandom(1), counts);
      let changed = 0;
      const requests = Array.from({ length: 400 }, (_, i) => timeRequest(i));
      const plain = await (await honest()).answer(requests);
      for (const [i, answer] of (await keeper.answer(requests)).entries()) {
        if (Buffer.compare(answer ?? new Uint8Array(0), plain[i] ?? new Uint8Array(0)) !== 0) changed += 1;
      }
      ok(changed >= least && changed <= most, `${changed} of 400 at ${share}`);
    }
    deepStrictEqual([...(counts.read().get('time_greased_total')?.keys() ?? [])].sort(), [...GREASES].sort());
  });

  it('has a signature that the relay did not make, and a tag that means nothing to anybody', async () => {
    const request = timeRequest(1);
    const [answer] = await (await honest()).answer([request]);
    ok(answer);
    const spoilt = decodePacket(spoil(answer, 'invalid-signature', seededRandom(1)));
    const plain = decodePacket(answer);
    ok(spoilt.ok && plain.ok);
    notDeepStrictEqual(spoilt.value.get(TAGS.SIG), plain.value.get(TAGS.SIG));
    const chances = [uint32(TAGS.SREP), uint32(TAGS.ZZZZ), uint32(7)];
    const scripted = { bytes: (length: number) => chances.shift() ?? new Uint8Array(length) };
    const tagged = spoil(answer, 'undefined-tag', scripted);
    strictEqual((await verifyResponse(ports, tagged, request, trust)).ok, true);
    deepStrictEqual(chances, []);
  });

  it('is nothing where there is no answer', async () => {
    const keeper = greased(await honest(), 1, seededRandom(1), newCounts());
    deepStrictEqual(await keeper.answer([new Uint8Array(1024)]), [null]);
  });
});
