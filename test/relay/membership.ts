import { deepEqual, equal } from 'node:assert/strict';
import type { Member } from '../../core/state/roster.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { genesisOf } from '../support/candidates.ts';
import { certify } from '../support/certified.ts';
import { testSigner } from '../support/keys.ts';
import type { TestRealm } from '../support/realm.ts';
import { recover } from '../support/recovery.ts';
import { enterAs, RIG_NOW, type Rig, relayRig, updateFrame } from '../support/relay-rig.ts';
import { REMARK, served } from '../support/relay-world.ts';

const SIZE = { hosts: 3, issuers: 1, voters: 1 };

const roomOf = (rig: Rig, { id }: TestRealm) => rig.relay.halls.get(id)?.room;

/** A relay and the one that is started on its disk. */
async function both(rig: Rig, realm: TestRealm): Promise<readonly Rig[]> {
  const later = await relayRig({ image: rig.disk() });
  await enterAs(later, realm, realm.logOf('issuer-1'));
  return [rig, later];
}

describe('what a relay learns of the members from records alone', () => {
  it('is where a log has two histories, from a proof of which it has met only one', async () => {
    const { rig, realm, log } = await served('proof', {}, SIZE);
    const first = await realm.append(log, 'heads', REMARK);
    const peer = await enterAs(rig, realm, realm.logOf('host-2'));
    const second = await realm.fork(log, 1, 'heads', { ...REMARK, whole: false });
    await realm.append(realm.logOf('host-2'), 'fork-proof', { a: first, b: second });
    rig.relay.receive(peer, updateFrame(realm.run(realm.logOf('host-2'), 1)));
    await rig.relay.idle();
    for (const each of await both(rig, realm)) {
      const bringer = await enterAs(each, realm, realm.logOf('host-2'));
      each.relay.receive(bringer, updateFrame(realm.run(log, 1)));
      await each.relay.idle();
      equal(each.count('message_rejected_total', 'log-ended'), 1);
      equal(roomOf(each, realm)?.heads.get(log)?.next, 1);
    }
  });

  it('is the version of a recovery', async () => {
    const { rig, realm, log } = await served('recovered', {}, SIZE);
    const peer = await enterAs(rig, realm, log);
    const { id } = await recover(realm, genesisOf(realm));
    rig.relay.receive(peer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    for (const each of await both(rig, realm)) {
      deepEqual(each.relay.halls.get(realm.id)?.head(), { generation: 1, version: 10, digest: id });
    }
  });

  it('is the key of a log that begins behind the record that carries its ack, in one update', async () => {
    const { rig, realm, log } = await served('behind', {}, SIZE);
    const newcomer = await realm.invite('host-9');
    const peer = await enterAs(rig, realm, log);
    const issuer = realm.logOf('issuer-1');
    const invited = realm.run(issuer).records.length;
    rig.relay.receive(peer, updateFrame(realm.run(issuer)));
    await rig.relay.idle();
    await realm.join(newcomer);
    const ack = await realm.append(newcomer.log, 'ack', { version: 2, candidate: null, terms: new Map() });
    await realm.append(issuer, 'candidate', {
      ...{ version: 3, parent: realm.id, frontier: new Map(), change: new Map(), message: '' },
      ...{ roster: NO_HASH, content: NO_HASH, skips: [{ version: 2, acks: [ack] }] },
    });
    const join = { ...realm.run(newcomer.log), records: realm.run(newcomer.log).records.slice(0, 1) };
    rig.relay.receive(peer, updateFrame(realm.run(issuer, invited), join));
    await rig.relay.idle();
    equal(roomOf(rig, realm)?.heads.get(newcomer.log)?.next, 1);
    equal(roomOf(rig, realm)?.heads.get(issuer)?.next, invited + 1);
  });
});

describe('the first record of a log that the newest version names', () => {
  async function named(seed: string) {
    const { rig, realm, log } = await served(seed, {}, SIZE);
    const newcomer = await realm.invite('host-9', RIG_NOW + 10);
    const member: Member = {
      ...{ id: newcomer.id, kind: 'host', name: 'host-9', class: 'office', roles: [] },
      logs: [{ log: newcomer.log, key: newcomer.signer.key }],
    };
    await certify(realm, member);
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, updateFrame(...realm.runs()));
    await rig.relay.idle();
    rig.clock.advance(11);
    return { rig, realm, newcomer, peer };
  }

  it('is taken under the key that the version gives it, though its invitation has ended', async () => {
    const { newcomer, peer, realm, rig } = await named('its key');
    await realm.join(newcomer);
    rig.relay.receive(peer, updateFrame(realm.run(newcomer.log)));
    await rig.relay.idle();
    equal(roomOf(rig, realm)?.heads.get(newcomer.log)?.key, newcomer.signer.key);
  });

  it('is judged by the invitation alone under another key', async () => {
    const { newcomer, peer, realm, rig } = await named('another key');
    await realm.join({ ...newcomer, signer: testSigner('a second machine') });
    rig.relay.receive(peer, updateFrame(realm.run(newcomer.log)));
    await rig.relay.idle();
    equal(roomOf(rig, realm)?.heads.get(newcomer.log), undefined);
    equal(rig.count('message_rejected_total', 'invitation-expired'), 1);
  });
});
