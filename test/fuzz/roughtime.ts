import { ok, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { type PublicKey, seconds } from '../../core/units.ts';
import { verifyGossip, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { decodeRequest, encodeRequest } from '../../core/wire/roughtime-request.ts';
import {
  decodeGossip,
  decodeResponse,
  encodeGossip,
  encodeResponse,
} from '../../core/wire/roughtime-response.ts';
import { nodeCrypto } from '../support/keys.ts';
import { hexVector, reportVector } from '../support/roughtime.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 5000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

/** mulberry32: the same damage for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Valid bytes with one to four things done to them; most hit the structure, which is in the first hundred bytes. */
function damage(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (let times = 1 + below(4); times > 0 && out.length > 0; times--) {
    const at = below(2) === 0 ? below(Math.min(100, out.length)) : below(out.length);
    const kind = below(6);
    if (kind === 0) out[at] = below(256);
    else if (kind === 1) out[at] = (out[at] ?? 0) ^ (1 << below(8));
    else if (kind === 2) out[at] = (out[at] ?? 0) + 4;
    else if (kind === 3) out = out.slice(0, at);
    else if (kind === 4) out = Uint8Array.from([...out.slice(0, at), ...out.slice(at + 4)]);
    else out = Uint8Array.from([...out.slice(0, at), ...out.slice(below(out.length), out.length)]);
  }
  return out;
}

const exchanges = reportVector('gnomon-reference-v1');
const EVER = seconds(Number.POSITIVE_INFINITY);
const trustIn = (key: PublicKey) => ({ key, profile: PROFILES.v1, maxDelegation: EVER });

describe(`damaged Roughtime (FUZZ_SEED=${SEED} FUZZ_ROUNDS=${ROUNDS})`, () => {
  it('that is still believed says the same time', async () => {
    const below = chance(SEED);
    const ports = { crypto: nodeCrypto, sha512 };
    for (let round = 0; round < ROUNDS; round++) {
      const exchange = exchanges[round % exchanges.length];
      if (exchange === undefined) throw new Error('no vectors');
      const { key, request, response } = exchange;
      const whole = decodeResponse(response);
      if (!whole.ok) throw new Error(whole.reason);
      const { midpoint, radius } = whole.value.signed;

      const answer = await verifyResponse(ports, damage(response, below), request, trustIn(key));
      if (answer.ok) {
        strictEqual(answer.value.midpoint, Number(midpoint));
        strictEqual(answer.value.radius, radius);
      }
      const damaged = damage(encodeGossip(whole.value), below);
      const token = await verifyGossip(nodeCrypto, damaged, trustIn(key));
      if (token.ok) {
        strictEqual(token.value.midpoint, Number(midpoint));
        strictEqual(Buffer.compare(token.value.bytes, damaged), 0);
      }
    }
  });

  it('never makes a decoder throw, and what decodes is written again as it was read', () => {
    const below = chance(SEED + 1);
    const requests = [hexVector('roughenough-rfc-request.071039e5'), ...exchanges.map((e) => e.request)];
    const responses = [
      hexVector('roughenough-golden-response.phase8'),
      hexVector('roughenough-rfc-response.path8.index2.4c16c619'),
    ];
    let read = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const request = decodeRequest(damage(requests[round % requests.length] ?? new Uint8Array(0), below));
      if (request.ok) {
        read++;
        const again = decodeRequest(encodeRequest(request.value));
        strictEqual(again.ok && Buffer.compare(again.value.nonce, request.value.nonce), 0);
      }
      const response = decodeResponse(
        damage(responses[round % responses.length] ?? new Uint8Array(0), below),
      );
      if (response.ok) {
        read++;
        const again = decodeResponse(encodeResponse(response.value));
        strictEqual(again.ok && again.value.signed.midpoint, response.value.signed.midpoint);
        strictEqual(decodeGossip(encodeGossip(response.value)).ok, true);
      }
    }
    ok(
      read > ROUNDS / 20,
      `only ${read} damaged packets still decode: the damage is too great to test anything`,
    );
  });
});
