import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { Crypto } from '../../core/ports.ts';
import { seconds } from '../../core/units.ts';
import { type DelegationCache, delegationCache } from '../../core/verify/delegations.ts';
import { MAX_DELEGATION, type TimeTrust, verifyGossip, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { decodeResponse, encodeGossip } from '../../core/wire/roughtime-response.ts';
import { timeKeeper } from '../../relay/time.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { timeRequest } from '../support/time-clients.ts';

const longTerm = testSigner('relay');
const trust: TimeTrust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };

async function exchange(number: number, online: string) {
  const keeper = await timeKeeper({
    ...{ longTerm, sha512 },
    makeOnlineKey: async () => testSigner(online),
    wall: () => seconds(1_790_000_000),
    synchronised: () => true,
    mark: { load: async () => null, save: async () => undefined },
  });
  const request = timeRequest(number);
  const [answer] = await keeper.answer([request]);
  return { request, answer: answer ?? new Uint8Array(0) };
}

function counting() {
  const seen = { verified: 0 };
  const crypto: Crypto = {
    ...nodeCrypto,
    verify(key, message, signature) {
      seen.verified += 1;
      return nodeCrypto.verify(key, message, signature);
    },
  };
  return { seen, crypto };
}

describe('a delegation that was verified', () => {
  it('is not verified again, in an answer or in gossip', async () => {
    const { crypto, seen } = counting();
    const delegations = delegationCache();
    for (const [number, expected] of [2, 3, 4].entries()) {
      const { answer, request } = await exchange(number, 'online');
      const ports = { crypto, sha512, delegations };
      strictEqual((await verifyResponse(ports, answer, request, trust)).ok, true);
      strictEqual(seen.verified, expected);
    }
    const { answer } = await exchange(9, 'online');
    const response = decodeResponse(answer);
    if (!response.ok) throw new Error(response.reason);
    strictEqual((await verifyGossip(crypto, encodeGossip(response.value), trust, delegations)).ok, true);
    strictEqual(seen.verified, 5);
  });

  it('stands for no other key, dialect, delegation or signature', async () => {
    const { answer, request } = await exchange(1, 'online');
    const cached = async (change: (packet: Uint8Array) => void, differing: Partial<TimeTrust> = {}) => {
      const delegations = delegationCache();
      const ports = { crypto: nodeCrypto, sha512, delegations };
      strictEqual((await verifyResponse(ports, answer, request, trust)).ok, true);
      const changed = Uint8Array.from(answer);
      change(changed);
      const result = await verifyResponse(ports, changed, request, { ...trust, ...differing });
      return result.ok ? 'believed' : result.reason;
    };
    const response = decodeResponse(answer);
    if (!response.ok) throw new Error(response.reason);
    const { dele, delegationSignature } = response.value;
    const at = (part: Uint8Array) => part.byteOffset - answer.byteOffset;
    const same = () => undefined;
    const oldSpelling = { ...PROFILES.v1, context: 'RoughTime' } as const;
    deepStrictEqual(
      [
        await cached(same),
        await cached(same, { key: testSigner('other').key }),
        await cached(same, { profile: oldSpelling }),
        await cached((packet) => packet.set([1], at(dele) + dele.length - 1)),
        await cached((packet) => packet.set([(delegationSignature[0] ?? 0) ^ 1], at(delegationSignature))),
      ],
      [
        'believed',
        ...new Array(2).fill('wrong-delegation-signature'),
        'delegation-too-long',
        'wrong-delegation-signature',
      ],
    );
    const early = await cached((packet) => {
      const minimum = dele.length - 16;
      packet.set([(dele[minimum] ?? 0) ^ 1], at(dele) + minimum);
    });
    strictEqual(['wrong-delegation-signature', 'outside-delegation'].includes(early), true);
  });

  it('is remembered only if its signature is good', async () => {
    const { answer, request } = await exchange(1, 'online');
    const { crypto, seen } = counting();
    const ports = { crypto, sha512, delegations: delegationCache() };
    const other = { ...trust, key: testSigner('other').key };
    for (const expected of [1, 2]) {
      strictEqual((await verifyResponse(ports, answer, request, other)).ok, false);
      strictEqual(seen.verified, expected);
    }
  });

  it('makes place for others: as many are remembered as may', () => {
    const cache: DelegationCache = delegationCache(2);
    const numbered = (number: number) => ({
      ...{ key: longTerm.key, profile: PROFILES.v1 },
      ...{ dele: Uint8Array.of(number), delegationSignature: new Uint8Array(64) },
    });
    for (const number of [1, 2, 2, 3]) cache.remember(numbered(number));
    deepStrictEqual(
      [1, 2, 3].map((number) => cache.knows(numbered(number))),
      [false, true, true],
    );
  });
});
