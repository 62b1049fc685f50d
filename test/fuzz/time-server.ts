import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { fromHex, seconds } from '../../core/units.ts';
import { serverName } from '../../core/verify/merkle.ts';
import { MAX_DELEGATION, verifyResponse } from '../../core/verify/time.ts';
import { MAX_ROUGHTIME_BYTES } from '../../core/wire/bounds.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { packetCutter } from '../../relay/packet-cutter.ts';
import { MAX_BATCH, timeKeeper } from '../../relay/time.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { seededRandom } from '../support/random.ts';
import { damagePacket } from '../support/request-damage.ts';
import { hexVector } from '../support/roughtime.ts';
import { timeRequest } from '../support/time-clients.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 5000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const longTerm = testSigner('relay');
const T = 1_790_000_000;

async function validRequests(): Promise<readonly Uint8Array[]> {
  const server = await serverName(sha512, fromHex(longTerm.key));
  return [
    timeRequest(1),
    timeRequest(2, { server }),
    timeRequest(3, { bytes: 80 }),
    timeRequest(4, { versions: [1, 2, PROFILES.draft.version] }),
    timeRequest(5, { versions: [PROFILES.draft.version] }),
    hexVector('roughenough-rfc-request.071039e5'),
    hexVector('roughenough-rfc-request.SRV.417aa962'),
  ];
}

describe(`a server of time that is sent damaged requests (FUZZ_SEED=${SEED} FUZZ_ROUNDS=${ROUNDS})`, () => {
  it('gives each no answer, or one that verifies for just these bytes', async () => {
    const random = seededRandom(SEED);
    const requests = await validRequests();
    let refused = 0;
    const keeper = await timeKeeper({
      ...{ longTerm, sha512, profiles: [PROFILES.v1, PROFILES.draft] },
      makeOnlineKey: async () => testSigner('online'),
      wall: () => seconds(T),
      synchronised: () => true,
      mark: { load: async () => null, save: async () => undefined },
      refused: () => {
        refused += 1;
      },
    });
    let sent = 0;
    let answered = 0;
    while (sent < ROUNDS) {
      const packets = Array.from({ length: MAX_BATCH }, () => damagePacket(random.pick(requests), random));
      sent += packets.length;
      for (const [i, answer] of (await keeper.answer(packets)).entries()) {
        const packet = packets[i];
        if (answer === null || packet === undefined) continue;
        answered += 1;
        const believed = await Promise.all(
          Object.values(PROFILES).map((profile) =>
            verifyResponse({ crypto: nodeCrypto, sha512 }, answer, packet, {
              ...{ key: longTerm.key, profile, maxDelegation: MAX_DELEGATION },
            }),
          ),
        );
        const midpoints = believed.map((result) => (result.ok ? result.value.midpoint : null));
        strictEqual(midpoints.filter((midpoint) => midpoint === T).length, 1);
      }
    }
    strictEqual(answered + refused, sent);
    ok(
      answered > sent / 50,
      `only ${answered} of ${sent} are answered: the damage is too great to test anything`,
    );
    ok(refused > sent / 2, `only ${refused} of ${sent} are refused: the damage is too small`);
  });

  it('cuts a stream into the same packets wherever the network cuts it, and holds no more than one', async () => {
    const random = seededRandom(SEED + 1);
    const requests = await validRequests();
    for (let round = 0; round < ROUNDS / 10; round++) {
      const packets = Array.from({ length: 1 + random.int(4) }, () => {
        const request = random.pick(requests);
        return random.int(4) === 0 ? damagePacket(request, random) : request;
      });
      const stream = new Uint8Array(Buffer.concat(packets));
      const whole = packetCutter();
      const expected = whole(stream);
      const cut = packetCutter();
      const pieces: Uint8Array[] = [];
      let broken = false;
      for (let at = 0; at < stream.length && !broken; ) {
        const length = 1 + random.int(random.pick([4, 100, 3000]));
        const taken = cut(stream.subarray(at, at + length));
        at += length;
        if (taken === null) broken = true;
        else pieces.push(...taken);
      }
      strictEqual(broken, expected === null);
      if (expected !== null) deepStrictEqual(pieces, [...expected]);
      for (const piece of pieces) ok(piece.length <= MAX_ROUGHTIME_BYTES);
    }
  });
});
