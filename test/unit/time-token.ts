import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { sha512 as webSha512 } from '../../core/adapters/sha512-web.ts';
import { type PublicKey, seconds, toHex } from '../../core/units.ts';
import { causalViolations } from '../../core/verify/causality.ts';
import { leafInput, nodeInput, rootOf, serverName } from '../../core/verify/merkle.ts';
import {
  MAX_DELEGATION,
  MAX_LAB_DELEGATION,
  type TimeToken,
  type TimeTrust,
  verifyGossip,
  verifyResponse,
} from '../../core/verify/time.ts';
import { PROFILES, type Profile, signingInput } from '../../core/wire/roughtime.ts';
import { decodeRequest, encodeRequest } from '../../core/wire/roughtime-request.ts';
import {
  decodeResponse,
  encodeCertificate,
  encodeDelegation,
  encodeGossip,
  encodeResponse,
  encodeSignedTime,
  UNSYNCHRONISED,
} from '../../core/wire/roughtime-response.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';
import { hexVector, reportVector } from '../support/roughtime.ts';

const ports = { crypto: nodeCrypto, sha512 };
const EVER = seconds(Number.POSITIVE_INFINITY);
const OLD_SPELLING: Profile = { version: 1, context: 'RoughTime' };

const trust = (key: PublicKey, profile: Profile = PROFILES.v1, maxDelegation = EVER): TimeTrust => ({
  key,
  profile,
  maxDelegation,
});

const reasonOf = (result: { ok: true } | { ok: false; reason: string }): string =>
  result.ok ? 'believed' : result.reason;

const keyOf = (base64: string) => toHex(Buffer.from(base64, 'base64')) as PublicKey;

describe('the vectors', () => {
  it('of gnomon verify with the spelling of RFC 10049', async () => {
    for (const { key, request, response } of reportVector('gnomon-reference-v1'))
      strictEqual(reasonOf(await verifyResponse(ports, response, request, trust(key))), 'believed');
  });

  it('of RFC 10049, appendix B, fail with the spelling of RFC 10049 and verify with the older one', async () => {
    for (const { key, request, response } of reportVector('rfc10049-appendixB')) {
      const answer = (profile: Profile) => verifyResponse(ports, response, request, trust(key, profile));
      strictEqual(reasonOf(await answer(PROFILES.v1)), 'wrong-delegation-signature');
      strictEqual(reasonOf(await answer(PROFILES.draft)), 'wrong-version');
      const result = await answer(OLD_SPELLING);
      strictEqual(reasonOf(result), 'believed');
    }
  });

  it('of roughenough verify in the draft profile and in no other', async () => {
    const request = hexVector('roughenough-rfc-request.071039e5');
    const response = hexVector('roughenough-rfc-response.071039e5');
    const key = keyOf('AW5uAoTSTDfG5NfY1bTh08GUnOqlRb+HVhbJ3ODJvsE=');
    const answer = (profile: Profile) => verifyResponse(ports, response, request, trust(key, profile));
    strictEqual(reasonOf(await answer(PROFILES.draft)), 'believed');
    strictEqual(reasonOf(await answer(PROFILES.v1)), 'wrong-version');
    const mixed: Profile = { version: PROFILES.draft.version, context: 'Roughtime' };
    strictEqual(reasonOf(await answer(mixed)), 'wrong-delegation-signature');
  });

  it('of roughenough with a path carry a signature by the key that they delegate to', async () => {
    const response = decodeResponse(hexVector('roughenough-rfc-response.path8.index2.4c16c619'));
    if (!response.ok) throw new Error(response.reason);
    const { delegation, srep, signature } = response.value;
    const key = toHex(delegation.key) as PublicKey;
    strictEqual(
      await nodeCrypto.verify(key, signingInput(PROFILES.draft, 'response', srep), signature),
      true,
    );
    strictEqual(await nodeCrypto.verify(key, signingInput(PROFILES.v1, 'response', srep), signature), false);
  });

  it('with SRV name the server by the hash of its key', async () => {
    const { key, request } = reportVector('rfc10049-appendixB')[0] ?? { key: '', request: new Uint8Array(0) };
    const asked = decodeRequest(request);
    if (!asked.ok) throw new Error(asked.reason);
    strictEqual(
      toHex(await serverName(sha512, Buffer.from(key, 'hex'))),
      toHex(asked.value.server ?? new Uint8Array(0)),
    );
  });
});

const DAY = 86_400;
const NOW = 1_790_000_000;
const relay = testSigner('relay');
const online = testSigner('online');
const nonce = new Uint8Array(32).fill(9);
const request = encodeRequest({ versions: [1], nonce, server: null });
const other = encodeRequest({ versions: [1], nonce: nonce.map((byte) => byte ^ 1), server: null });
const cut = (bytes: Uint8Array) => sha512(bytes).slice(0, 32);

interface Answer {
  readonly midpoint: number;
  readonly radius: number;
  readonly from: number;
  readonly until: number;
  readonly path: Uint8Array;
  readonly index: number;
  readonly root: Uint8Array;
  readonly nonce: Uint8Array;
  readonly by: typeof relay;
  readonly signedBy: typeof relay;
}

async function respond(change: Partial<Answer> = {}): Promise<Uint8Array> {
  const answer: Answer = {
    midpoint: NOW,
    radius: 3,
    from: NOW - DAY,
    until: NOW + DAY,
    path: new Uint8Array(0),
    index: 0,
    root: cut(leafInput(request)),
    nonce,
    by: relay,
    signedBy: online,
    ...change,
  };
  const dele = encodeDelegation({
    key: Buffer.from(online.key, 'hex'),
    from: BigInt(answer.from),
    until: BigInt(answer.until),
  });
  const srep = encodeSignedTime({
    version: 1,
    radius: answer.radius,
    midpoint: BigInt(answer.midpoint),
    versions: [1],
    root: answer.root,
    head: null,
  });
  return encodeResponse({
    signature: await answer.signedBy.sign(signingInput(PROFILES.v1, 'response', srep)),
    nonce: answer.nonce,
    path: answer.path,
    srep,
    cert: encodeCertificate(dele, await answer.by.sign(signingInput(PROFILES.v1, 'delegation', dele))),
    index: answer.index,
  });
}

describe('an answer', () => {
  it('gives a token with the time, the window and the gossip form', async () => {
    const packet = await respond();
    const result = await verifyResponse(
      ports,
      packet,
      request,
      trust(relay.key, PROFILES.v1, MAX_DELEGATION),
    );
    if (!result.ok) throw new Error(result.reason);
    const { relay: key, midpoint, radius, head, delegation, bytes } = result.value;
    deepStrictEqual(
      { key, midpoint, radius, head, delegation },
      {
        key: relay.key,
        midpoint: NOW,
        radius: 3,
        head: null,
        delegation: { from: NOW - DAY, until: NOW + DAY },
      },
    );
    const again = await verifyGossip(nodeCrypto, bytes, trust(relay.key));
    deepStrictEqual(again, result);
  });

  it('is the same whether Node or WebCrypto hashes', async () => {
    const packet = await respond();
    const web = { crypto: nodeCrypto, sha512: webSha512 };
    deepStrictEqual(
      await verifyResponse(web, packet, request, trust(relay.key)),
      await verifyResponse(ports, packet, request, trust(relay.key)),
    );
  });

  const sibling = new Uint8Array(32).fill(5);
  const left = cut(nodeInput(cut(leafInput(request)), sibling));
  const right = cut(nodeInput(sibling, cut(leafInput(request))));
  const table: readonly (readonly [why: string, change: Partial<Answer>, reason: string])[] = [
    ['is believed as the left leaf of two', { path: sibling, index: 0, root: left }, 'believed'],
    ['is believed as the right leaf of two', { path: sibling, index: 1, root: right }, 'believed'],
    [
      'is not believed on the wrong side of its sibling',
      { path: sibling, index: 0, root: right },
      'not-in-tree',
    ],
    ['is not believed with an index beyond its path', { index: 1 }, 'not-in-tree'],
    ['to somebody else is not replayed to us', { root: cut(leafInput(other)) }, 'not-in-tree'],
    ['with another nonce is not ours', { nonce: new Uint8Array(32) }, 'wrong-nonce'],
    ['delegated by a stranger is not believed', { by: testSigner('stranger') }, 'wrong-delegation-signature'],
    ['signed by a key without a delegation is not believed', { signedBy: relay }, 'wrong-signature'],
    ['may be given at the first second of its delegation', { from: NOW }, 'believed'],
    ['may be given at the last second of its delegation', { until: NOW }, 'believed'],
    ['before its delegation is not believed', { from: NOW + 1 }, 'outside-delegation'],
    ['after its delegation is not believed', { until: NOW - 1 }, 'outside-delegation'],
    ['may rest on a delegation of thirty days', { from: NOW, until: NOW + 30 * DAY }, 'believed'],
    ['does not rest on a longer one', { from: NOW, until: NOW + 30 * DAY + 1 }, 'delegation-too-long'],
    ['without any doubt is not believed', { radius: 0 }, 'radius-zero'],
    ['by a relay that does not know the time is no evidence', { radius: UNSYNCHRONISED }, 'unsynchronised'],
    [
      'beyond what a number can hold is refused',
      { midpoint: 2 ** 53, until: 2 ** 53 },
      'midpoint-out-of-range',
    ],
  ];
  for (const [why, change, reason] of table) {
    it(why, async () => {
      const given = trust(relay.key, PROFILES.v1, MAX_DELEGATION);
      strictEqual(reasonOf(await verifyResponse(ports, await respond(change), request, given)), reason);
    });
  }

  it('of a lab may rest on a delegation of 120 days', async () => {
    const packet = await respond({ from: NOW, until: NOW + 120 * DAY });
    const lab = trust(relay.key, PROFILES.v1, MAX_LAB_DELEGATION);
    strictEqual(reasonOf(await verifyResponse(ports, packet, request, lab)), 'believed');
  });

  it('binds every byte of the request, not its nonce alone', async () => {
    const longer = encodeRequest({ versions: [1], nonce, server: null }, 1028);
    strictEqual(
      reasonOf(await verifyResponse(ports, await respond(), longer, trust(relay.key))),
      'not-in-tree',
    );
    strictEqual(
      reasonOf(await verifyResponse(ports, await respond(), new Uint8Array(8), trust(relay.key))),
      'wrong-request',
    );
  });

  it('never lets an inner node pass for a request', async () => {
    const inner = nodeInput(sibling, sibling).subarray(1);
    const root = await rootOf(sha512, inner, new Uint8Array(0), 0);
    strictEqual(root !== null && toHex(root) !== toHex(cut(nodeInput(sibling, sibling))), true);
  });
});

describe('a gossiped token', () => {
  it('is checked against the key that it is said to come from', async () => {
    const response = decodeResponse(await respond());
    if (!response.ok) throw new Error(response.reason);
    const bytes = encodeGossip(response.value);
    strictEqual(reasonOf(await verifyGossip(nodeCrypto, bytes, trust(relay.key))), 'believed');
    strictEqual(
      reasonOf(await verifyGossip(nodeCrypto, bytes, trust(online.key))),
      'wrong-delegation-signature',
    );
    strictEqual(reasonOf(await verifyGossip(nodeCrypto, await respond(), trust(relay.key))), 'message-tags');
  });
});

describe('a chain of answers', () => {
  it('convicts the liar of gnomon: the first answer is later than the two after it', async () => {
    const chain: TimeToken[] = [];
    for (const { key, request: sent, response } of reportVector('gnomon-reference-v1')) {
      const result = await verifyResponse(ports, response, sent, trust(key));
      if (result.ok) chain.push(result.value);
    }
    deepStrictEqual(causalViolations(chain), [
      [0, 1],
      [0, 2],
    ]);
  });

  it('convicts nobody where the intervals touch', () => {
    const at = (midpoint: number) => ({ midpoint: seconds(midpoint), radius: seconds(3) });
    deepStrictEqual(causalViolations([at(106), at(100), at(100)]), []);
    deepStrictEqual(causalViolations([at(100), at(200), at(300)]), []);
    deepStrictEqual(causalViolations([at(107), at(100)]), [[0, 1]]);
  });
});
