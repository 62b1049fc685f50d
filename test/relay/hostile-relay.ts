import { deepEqual, equal, ok } from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { type MemoryStore, memoryStore } from '../../core/adapters/store-memory.ts';
import { type RelayLink, relayLink } from '../../core/agent/relay-link.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import { draftBytes } from '../../core/state/drafts.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { type BareConnection, bareRelay } from '../support/bare-relay.ts';
import { testClock } from '../support/clock.ts';
import { FORMS } from '../support/form-attacks.ts';
import { following, forged, hostileScene, type Scene, spoiled } from '../support/hostile.ts';
import { queue } from '../support/queue.ts';
import { RECORDS } from '../support/record-attacks.ts';
import { RIG_NOW } from '../support/relay-rig.ts';
import { silentBoard } from '../support/silent-board.ts';
import { emptyChain } from '../support/time-chain.ts';

interface Host {
  readonly scene: Scene;
  readonly runtime: Runtime;
  readonly store: MemoryStore;
}

/** The host of `host-2`, which holds all of the scene. */
async function hostIn(scene: Scene): Promise<Host> {
  const { forked, realm, second } = scene;
  const store = memoryStore();
  const log = realm.logOf('host-2');
  const runtime = await openRuntime({
    ...{ store, log, realm: realm.id, signer: realm.signerOf(log), crypto: nodeCrypto },
    ...{ clock: testClock(RIG_NOW), opening: realm.run(log).records },
    ...{ probe: async () => false, event: () => undefined, publish: () => undefined },
    counter: { read: async () => 0, write: async () => undefined },
    fault(error) {
      throw error;
    },
  });
  await runtime.update(encodeAppend(realm.runs().filter((run) => run.log !== log)));
  await runtime.update(encodeAppend([{ log: forked, from: 1, records: [second] }]));
  equal(runtime.model.state.ledger.logs.get(log)?.length, 1);
  return { scene, runtime, store };
}

/** The next record of a log that no attack has touched. */
async function honest(scene: Scene): Promise<Uint8Array> {
  const log = scene.realm.logOf('issuer-1');
  const { records } = scene.realm.run(log);
  const place = { log, seq: records.length, after: records.at(-1) as Uint8Array };
  const record = await forged(scene, { ...place, signer: scene.realm.signerOf(log) });
  return encodeAppend([{ log, from: records.length, records: [record] }]);
}

const heldBy = ({ runtime }: Host) => runtime.model.state.ledger.size;

describe('what a hostile relay sends to a host', () => {
  let shared: Promise<Host>;
  before(() => {
    shared = hostileScene('hostile relay').then(hostIn);
  });

  for (const { host: said, make, why } of [...FORMS, ...RECORDS]) {
    if (said === 'takes') continue;
    it(`is ${said === 'waits' ? 'left waiting' : `refused as ${said}`} and changes nothing: ${why}`, async () => {
      const host = await shared;
      const { runtime, scene, store } = host;
      const [before, held] = [store.snapshot(), heldBy(host)];
      const refused = await runtime.update(await make(scene));
      deepEqual(
        refused.map(({ reason }) => reason),
        said === 'waits' ? [] : [said],
      );
      equal(heldBy(host), held);
      deepEqual(store.snapshot(), before);
    });
  }

  for (const { host: said, make, why } of RECORDS) {
    if (said !== 'takes') continue;
    it(`is kept, since its author signed it, and decides nothing: ${why}`, async () => {
      const host = await hostIn((await shared).scene);
      const { live, membership } = host.runtime.model.state;
      const decided = () => [membership.versions, membership.forks, draftBytes(live.draft)];
      const before = structuredClone(decided());
      deepEqual(await host.runtime.update(await make(host.scene)), []);
      deepEqual(structuredClone(decided()), before);
    });
  }

  it('costs the next honest record nothing', async () => {
    const host = await shared;
    const held = heldBy(host);
    deepEqual(await host.runtime.update(await honest(host.scene)), []);
    equal(heldBy(host), held + 1);
  });

  it('comes to the same in bulk as one by one, with a bad signature in the middle of a chain', async () => {
    const scene = await hostileScene('chain to a host');
    const [bulk, live] = [await hostIn(scene), await hostIn(scene)];
    const first = await forged(scene);
    const bad = spoiled(await forged(scene, { seq: scene.next + 1, after: first }));
    const records = [first, bad, await forged(scene, { seq: scene.next + 2, after: bad })];
    deepEqual(await bulk.runtime.update(following(scene, ...records)), []);
    const { log, next } = scene;
    for (const [i, record] of records.entries()) {
      await live.runtime.update(encodeAppend([{ log, from: next + i, records: [record] }]));
    }
    equal(heldBy(live), heldBy(bulk) - 2);
    await live.runtime.update(encodeAppend([{ log, from: next + 1, records: records.slice(1) }]));
    deepEqual(live.runtime.stateVector(), bulk.runtime.stateVector());
    deepEqual(live.store.snapshot(), bulk.store.snapshot());
  });
});

describe('what a hostile relay sends over a socket', () => {
  const news = queue<null>();

  async function linked(work: (host: Host, connection: BareConnection, link: RelayLink) => Promise<void>) {
    const host = await hostIn(await hostileScene('hostile socket'));
    const { realm } = host.scene;
    const relay = await bareRelay();
    const log = realm.logOf('host-2');
    const link = relayLink({
      board: silentBoard,
      chain: await emptyChain(),
      ...{ relay: { url: relay.url, key: null, token: null, register: null }, realm: realm.id, log },
      ...{ signer: realm.signerOf(log), once: null, runtime: host.runtime, clock: testClock(RIG_NOW) },
      ...{ crypto: nodeCrypto, random: systemRandom, heard: () => undefined, forward: () => undefined },
      changed: () => news.put(null),
      failed(error) {
        throw error;
      },
    });
    try {
      await work(host, await relay.connections.take(), link);
    } finally {
      await link.close();
      await relay.close();
    }
  }

  it('leaves the disk as it was, is shown, and stands in no honest record’s way', () =>
    linked(async (host, connection, link) => {
      const { scene, store } = host;
      const before = store.snapshot();
      for (const { host: said, make } of [...FORMS, ...RECORDS]) {
        if (said === 'takes') continue;
        connection.send({ type: 'update', update: await make(scene) });
      }
      while (!link.remarks().some((text) => text.includes('bad-join'))) {
        await news.take();
      }
      deepEqual(store.snapshot(), before);
      const held = heldBy(host);
      connection.send({ type: 'update', update: await honest(scene) });
      while (heldBy(host) === held) await news.take();
      equal(heldBy(host), held + 1);
      ok(link.remarks().length > 0);
    }));
});
