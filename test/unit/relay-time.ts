import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import type { Signer } from '../../core/ports.ts';
import { fromHex, type Hash, type Seconds, seconds } from '../../core/units.ts';
import { serverName } from '../../core/verify/merkle.ts';
import { MAX_DELEGATION, verifyGossip, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { encodeMessage, encodePacket, uint32 } from '../../core/wire/roughtime-message.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { decodeResponse, UNSYNCHRONISED } from '../../core/wire/roughtime-response.ts';
import { growTree } from '../../relay/merkle.ts';
import { RADIUS, timeKeeper } from '../../relay/time.ts';
import { testClock } from '../support/clock.ts';
import { nodeCrypto, testSigner } from '../support/keys.ts';

const T = 1_790_000_000;
const DAY = 86_400;
const longTerm = testSigner('relay');
const ports = { crypto: nodeCrypto, sha512 };
const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };

const ask = (number: number, server: Uint8Array | null = null) =>
  encodeRequest({ versions: [1], nonce: new Uint8Array(32).fill(number), server });
const many = (count: number) => Array.from({ length: count }, (_, i) => ask(i));

interface World {
  readonly clock: ReturnType<typeof testClock>;
  stored: number | null;
  synchronised: boolean;
  signatures: number;
  keys: number;
  saves: number;
  fail: Error | null;
  locked: Error | null;
  readonly refusals: string[];
}

function world(): World {
  return {
    clock: testClock(T),
    stored: null,
    synchronised: true,
    signatures: 0,
    keys: 0,
    saves: 0,
    fail: null,
    locked: null,
    refusals: [],
  };
}

function keeperIn(place: World) {
  const counted = (signer: Signer): Signer => ({
    key: signer.key,
    async sign(message) {
      place.signatures++;
      return signer.sign(message);
    },
  });
  return timeKeeper({
    longTerm: {
      key: longTerm.key,
      async sign(message) {
        if (place.locked !== null) throw place.locked;
        return longTerm.sign(message);
      },
    },
    makeOnlineKey: async () => counted(testSigner(`online ${++place.keys}`)),
    wall: () => place.clock.wall(),
    synchronised: () => place.synchronised,
    mark: {
      load: async () => (place.stored === null ? null : seconds(place.stored)),
      async save(mark: Seconds) {
        place.saves++;
        if (place.fail !== null) throw place.fail;
        place.stored = mark;
      },
    },
    sha512,
    refused: (reason) => place.refusals.push(reason),
  });
}

function said(packet: Uint8Array | null | undefined) {
  const response = decodeResponse(packet ?? new Uint8Array(0));
  if (!response.ok) throw new Error(response.reason);
  const { signed, delegation } = response.value;
  return { midpoint: Number(signed.midpoint), radius: signed.radius, until: Number(delegation.until) };
}

describe('a tree over requests', () => {
  it('gives paths of one length, for every number of leaves, that reach its root', async () => {
    for (const count of [1, 2, 3, 4, 5, 8, 33, 64]) {
      const tree = growTree(many(count), sha512);
      strictEqual(tree.pathBytes, 32 * Math.ceil(Math.log2(count)));
      strictEqual(tree.root.length, 32);
    }
  });
});

describe('a time keeper', () => {
  it('answers every request of a batch under one signature', async () => {
    for (const count of [1, 2, 3, 63, 64]) {
      const place = world();
      const requests = many(count);
      const answers = await (await keeperIn(place)).answer(requests);
      strictEqual(place.signatures, 1);
      const shared = new Set<string>();
      for (const [i, request] of requests.entries()) {
        const packet = answers[i] ?? new Uint8Array(0);
        const result = await verifyResponse(ports, packet, request, trust);
        if (!result.ok) throw new Error(`${i} of ${count}: ${result.reason}`);
        deepStrictEqual([result.value.midpoint, result.value.radius], [T, RADIUS]);
        shared.add(Buffer.from(result.value.bytes).toString('hex'));
        strictEqual(packet.length < request.length, true);
        const stolen = await verifyResponse(ports, packet, requests[(i + 1) % count] ?? request, trust);
        strictEqual(stolen.ok, count === 1);
      }
      strictEqual(shared.size, 1);
    }
  });

  it('splits what is more than a batch', async () => {
    const place = world();
    const requests = many(64 + 1);
    const answers = await (await keeperIn(place)).answer(requests);
    strictEqual(place.signatures, 2);
    for (const [i, request] of requests.entries())
      strictEqual((await verifyResponse(ports, answers[i] ?? request, request, trust)).ok, true);
  });

  it('signs the head of a configuration along', async () => {
    const head = { generation: 1, version: 42, digest: 'cd'.repeat(32) as Hash };
    const answers = await (await keeperIn(world())).answer([ask(1)], head);
    const result = await verifyResponse(ports, answers[0] ?? new Uint8Array(0), ask(1), trust);
    if (!result.ok) throw new Error(result.reason);
    deepStrictEqual(result.value.head, head);
    deepStrictEqual(await verifyGossip(nodeCrypto, result.value.bytes, trust), result);
  });

  it('gives malformed requests no answer, counts them by reason, and answers the rest of the batch', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    const mine = await serverName(sha512, fromHex(longTerm.key));
    const zeros = { ZZZZ: new Uint8Array(1024) };
    const requests = [
      ask(1),
      encodeRequest({ versions: [1], nonce: new Uint8Array(32), server: null }, 900),
      ask(2, mine),
      ask(3, new Uint8Array(32)),
      encodeRequest({ versions: [7], nonce: new Uint8Array(32), server: null }),
      encodePacket(encodeMessage({ VER: uint32(1), TYPE: uint32(0), ...zeros })),
      new Uint8Array(1024),
      encodePacket(encodeMessage({ VER: uint32(1), TYPE: uint32(1), NONC: new Uint8Array(32), ...zeros })),
    ];
    const answers = await keeper.answer(requests);
    deepStrictEqual(
      answers.map((answer) => answer !== null),
      [true, true, true, false, false, false, false, false],
    );
    for (const i of [0, 1, 2])
      strictEqual((await verifyResponse(ports, answers[i] ?? ask(0), requests[i] ?? ask(0), trust)).ok, true);
    deepStrictEqual(place.refusals, [
      'other-server',
      'other-version',
      'field-missing',
      'packet-header',
      'not-a-request',
    ]);
    deepStrictEqual(await keeper.answer([new Uint8Array(0)]), [null]);
  });

  it('has the mark on disk before an answer is seen, once a second', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    await Promise.all([keeper.answer([ask(1)]), keeper.answer([ask(2)]), keeper.answer([ask(3)])]);
    deepStrictEqual([place.stored, place.saves], [T, 1]);
    place.clock.advance(1);
    await keeper.answer([ask(1)]);
    deepStrictEqual([place.stored, place.saves], [T + 1, 2]);
  });

  it('answers nothing that it could not note, and goes on when it can', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    place.fail = new Error('no space');
    await rejects(keeper.answer([ask(1)]), /no space/);
    await rejects(keeper.answer([ask(1)]), /no space/);
    place.fail = null;
    strictEqual(said((await keeper.answer([ask(1)]))[0]).midpoint, T);
  });

  it('never signs below its last time, also after a restart, and widens the radius to the wall clock', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    await keeper.answer([ask(1)]);
    place.clock.setWall(T - 100.5);
    const expected = { midpoint: T, radius: RADIUS + 101 };
    for (const present of [keeper, await keeperIn(place)]) {
      const { midpoint, radius } = said((await present.answer([ask(1)]))[0]);
      deepStrictEqual({ midpoint, radius }, expected);
    }
  });

  it('says by its radius that it is not synchronised, and does not let that clock push the mark', async () => {
    const place = world();
    place.synchronised = false;
    place.clock.setWall(T + 3650 * DAY);
    const keeper = await keeperIn(place);
    const packet = (await keeper.answer([ask(1)]))[0] ?? ask(1);
    strictEqual(said(packet).radius, UNSYNCHRONISED);
    const result = await verifyResponse(ports, packet, ask(1), trust);
    strictEqual(result.ok ? 'believed' : result.reason, 'unsynchronised');
    strictEqual(place.stored, null);

    place.clock.setWall(T);
    place.synchronised = true;
    const { midpoint, radius } = said((await keeper.answer([ask(1)]))[0]);
    deepStrictEqual({ midpoint, radius }, { midpoint: T, radius: RADIUS });
    place.synchronised = false;
    place.clock.advance(50);
    strictEqual(said((await keeper.answer([ask(1)]))[0]).midpoint, T);
  });

  it('changes its online key before the end of the delegation', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    strictEqual(keeper.delegatedUntil(), null);
    for (let day = 0; day < 100; day++) {
      const packet = (await keeper.answer([ask(1)]))[0] ?? ask(1);
      strictEqual((await verifyResponse(ports, packet, ask(1), trust)).ok, true);
      strictEqual(said(packet).until - place.clock.wall() > 6 * DAY, true);
      place.clock.advance(DAY);
    }
    strictEqual(place.keys, 5);
  });

  it('goes on with its online key while the long-term key is locked, to the end of the delegation', async () => {
    const place = world();
    const keeper = await keeperIn(place);
    await keeper.answer([ask(1)]);
    place.locked = new Error('card removed');
    place.clock.advance(29 * DAY);
    strictEqual(said((await keeper.answer([ask(1)]))[0]).until, T + 30 * DAY);
    place.clock.advance(2 * DAY);
    await rejects(keeper.answer([ask(1)]), /card removed/);
    place.locked = null;
    strictEqual(said((await keeper.answer([ask(1)]))[0]).until, T + 61 * DAY);
  });
});
