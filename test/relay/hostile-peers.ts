import { deepEqual, equal } from 'node:assert/strict';
import { encodeMessage } from '../../core/wire/sync.ts';
import type { Attack } from '../support/attack.ts';
import { FORMS } from '../support/form-attacks.ts';
import { following, forged, hostileScene, type Scene, spoiled } from '../support/hostile.ts';
import { makeRealm } from '../support/realm.ts';
import { RECORDS } from '../support/record-attacks.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  noticesTo,
  type Rig,
  register,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';

const SIZE = { hosts: 1, issuers: 1, voters: 1 };

interface World {
  readonly scene: Scene;
  readonly rig: Rig;
  readonly peer: FakePeer;
  readonly watcher: FakePeer;
}

/** A relay that holds the scene, with the attacker in its room and somebody who looks on. */
async function world(seed: string): Promise<World> {
  const scene = await hostileScene(seed);
  const { realm } = scene;
  const rig = await relayRig();
  await register(rig, realm);
  const peer = await enterAs(rig, realm, realm.logOf('host-2'));
  rig.relay.receive(peer, updateFrame({ log: scene.forked, from: 1, records: [scene.second] }));
  await rig.relay.idle();
  const watcher = await enterAs(rig, realm, realm.logOf('issuer-1'));
  for (const each of [peer, watcher]) each.frames.length = 0;
  return { scene, rig, peer, watcher };
}

async function attack({ rig, peer }: World, update: Uint8Array, type: 'update' | 'step2'): Promise<void> {
  rig.relay.receive(peer, encodeMessage({ type, update }));
  await rig.relay.idle();
}

describe('what a hostile peer sends to a relay', () => {
  let shared: Promise<World>;
  before(() => {
    shared = world('hostile');
  });

  const changesNothing = async ({ make, relay, why }: Attack, closed: string | null) => {
    const { rig, scene, watcher } = await shared;
    const { realm } = scene;
    for (const type of ['update', 'step2'] as const) {
      const peer = await enterAs(rig, realm, realm.logOf('host-2'));
      peer.frames.length = 0;
      watcher.frames.length = 0;
      const [before, counted] = [rig.disk(), rig.count('message_rejected_total', relay)];
      await attack({ scene, rig, peer, watcher }, await make(scene), type);
      equal(rig.count('message_rejected_total', relay), counted + 1, why);
      deepEqual([peer.closed, runsTo(watcher)], [closed, []]);
      deepEqual(rig.disk(), before);
      equal(noticesTo(peer).filter(({ code }) => code !== 'confirmed').length, closed === null ? 1 : 0);
      rig.relay.disconnect(peer);
    }
  };

  for (const each of FORMS) {
    it(`is counted as ${each.relay}, changes nothing and ends the connection: ${each.why}`, () =>
      changesNothing(each, 'refused-update'));
  }

  for (const each of RECORDS) {
    it(`is counted as ${each.relay} and changes nothing: ${each.why}`, () => changesNothing(each, null));
  }

  it('costs the next honest record nothing', async () => {
    const { scene, rig, watcher } = await shared;
    const peer = await enterAs(rig, scene.realm, scene.log);
    const record = await forged(scene);
    await attack({ scene, rig, peer, watcher }, following(scene, record), 'update');
    deepEqual(runsTo(watcher).at(-1), { log: scene.log, from: scene.next, records: [record] });
    equal(peer.closed, null);
  });

  it('comes to the same in bulk as one by one, with a bad signature in the middle of a chain', async () => {
    const [bulk, live] = [await world('chain'), await world('chain')];
    const records = [await forged(bulk.scene)];
    for (let i = 1; i < 3; i++) {
      const after = records.at(-1) as Uint8Array;
      const record = await forged(bulk.scene, { seq: bulk.scene.next + i, after });
      records.push(i === 1 ? spoiled(record) : record);
    }
    await attack(bulk, following(bulk.scene, ...records), 'update');
    const { log, next } = live.scene;
    for (const [i, record] of records.entries()) {
      live.rig.relay.receive(live.peer, updateFrame({ log, from: next + i, records: [record] }));
      await live.rig.relay.idle();
    }
    deepEqual(
      ['bad-signature', 'gap'].map((reason) => live.rig.count('message_rejected_total', reason)),
      [1, 1],
    );
    live.rig.relay.receive(live.peer, updateFrame({ log, from: next + 1, records: records.slice(1) }));
    await live.rig.relay.idle();
    equal(live.rig.relay.halls.get(live.scene.realm.id)?.room.heads.get(log)?.next, next + 3);
    deepEqual(live.rig.disk(), bulk.rig.disk());
  });

  it('is refused as unregistered-room where nobody has brought the genesis, and leaves nothing behind', async () => {
    const rig = await relayRig();
    const [realm, other] = [await makeRealm('nowhere', SIZE), await makeRealm('elsewhere', SIZE)];
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    for (const run of [realm.run(realm.logOf('host-1')), realm.run(realm.logOf('issuer-1'), 1)]) {
      rig.relay.receive(peer, updateFrame({ ...run, from: 0 }));
      await rig.relay.idle();
    }
    equal(rig.count('message_rejected_total', 'unregistered-room'), 2);
    rig.relay.receive(peer, updateFrame(other.run(other.logOf('issuer-1'))));
    await rig.relay.idle();
    equal(rig.count('message_rejected_total', 'wrong-realm'), 1);
    equal(rig.disk().size, 0);
    rig.relay.disconnect(peer);
    equal(rig.relay.halls.size, 0);
  });
});
