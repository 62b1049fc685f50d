import { deepEqual, equal } from 'node:assert/strict';
import { MAX_STRAYS } from '../../core/wire/bounds.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { spoiled } from '../support/hostile.ts';
import { type PartedRealm, partedRealm } from '../support/parted.ts';
import { encodeBody } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  noticesTo,
  type Rig,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';

/** A relay that holds one history of the voter's log, with a member in step. */
async function relayOn(
  parted: PartedRealm,
  history: 'acking' | 'silent',
): Promise<{ rig: Rig; peer: FakePeer }> {
  const rig = await relayRig();
  const { before, others, realm } = parted;
  const founder = fakePeer();
  rig.relay.connect(founder, requestFor(realm.id));
  for (const run of [...others, before, parted[history]]) rig.relay.receive(founder, updateFrame(run));
  await rig.relay.idle();
  rig.relay.disconnect(founder);
  return { rig, peer: await enterAs(rig, realm, realm.logOf('host-2')) };
}

const roomOf = (rig: Rig, { realm }: PartedRealm) => rig.relay.halls.get(realm.id)?.room;
const versionsOf = (rig: Rig, parted: PartedRealm) =>
  roomOf(rig, parted)?.membership.versions.map(({ version }) => version);

/** Hashes of the records of the voter that a peer was sent. */
function sentTo(peer: FakePeer, { voter }: PartedRealm): readonly string[] {
  const runs = runsTo(peer).filter(({ log }) => log === voter);
  return runs.flatMap(({ records }) => records.map(hashOf));
}

describe('evidence of two histories of a log, at a relay', () => {
  it('is told of the history that the relay holds as soon as it knows of the other, and to everybody who comes', async () => {
    const parted = await partedRealm('relay holds');
    const { rig, peer } = await relayOn(parted, 'acking');
    const ack = hashOf(parted.acking.records.at(-1) as Uint8Array);
    peer.frames.length = 0;
    rig.relay.receive(peer, updateFrame(parted.silent));
    await rig.relay.idle();
    equal(sentTo(peer, parted).includes(ack), true);
    const later = await relayRig({ image: rig.disk() });
    const other = await enterAs(later, parted.realm, parted.realm.logOf('host-3'));
    equal(sentTo(other, parted).filter((hash) => hash === ack).length, 2);
  });

  it('is taken of the history that the relay does not hold, counts there, and is told', async () => {
    const parted = await partedRealm('relay lacks');
    const { rig, peer } = await relayOn(parted, 'silent');
    deepEqual(versionsOf(rig, parted), [1]);
    rig.relay.receive(peer, updateFrame(parted.acking));
    await rig.relay.idle();
    deepEqual(versionsOf(rig, parted), [1, 2]);
    const ack = hashOf(parted.acking.records.at(-1) as Uint8Array);
    equal(sentTo(peer, parted).includes(ack), true);
    equal(roomOf(rig, parted)?.heads.get(parted.voter)?.next, parted.at + 1);
    const later = await relayRig({ image: rig.disk() });
    const other = await enterAs(later, parted.realm, parted.realm.logOf('host-3'));
    deepEqual(versionsOf(later, parted), [1, 2]);
    equal(sentTo(other, parted).includes(ack), true);
  });

  it('that comes alone asks nobody for what comes before it', async () => {
    const parted = await partedRealm('relay alone');
    const { rig, peer } = await relayOn(parted, 'silent');
    const { from, log, records } = parted.acking;
    rig.relay.receive(peer, updateFrame({ log, from, records: records.slice(0, 1) }));
    await rig.relay.idle();
    rig.relay.receive(peer, updateFrame({ log, from: from + 5, records: records.slice(1) }));
    await rig.relay.idle();
    deepEqual(versionsOf(rig, parted), [1, 2]);
    equal(
      noticesTo(peer).some(({ code }) => code === 'gap'),
      false,
    );
  });

  it('is not taken without a fork, nor with a bad signature, nor without end', async () => {
    const parted = await partedRealm('relay bounds');
    const { at, realm, voter } = parted;
    const { rig, peer } = await relayOn(parted, 'silent');
    const { from, log, records } = parted.acking;
    const alone = { log, from: from + 1, records: records.slice(1) };
    // Of the log of a voter who edits nothing no other record is of use.
    const kept = () => roomOf(rig, parted)?.strays.get(voter)?.size ?? 0;
    const offer = async (run: typeof alone) => {
      rig.relay.receive(peer, updateFrame(run));
      await rig.relay.idle();
      return kept();
    };
    equal(await offer(alone), 0);
    equal(await offer({ log, from, records: records.slice(0, 1) }), 0);
    equal(await offer({ ...alone, records: alone.records.map(spoiled) }), 0);
    const acks = Array.from({ length: MAX_STRAYS + 5 }, async (_, i) => {
      const body = encodeBody('ack', { version: 100 + i, candidate: null, terms: new Map() });
      const place = { realm: realm.id, log: voter, seq: at + 1, prev: realm.id, type: 'ack', body };
      const record = prepareRecord(place);
      return record.seal(await realm.signerOf(voter).sign(record.signed));
    });
    equal(await offer({ log, from, records: await Promise.all(acks) }), MAX_STRAYS);
    // The voter's own, about what is proposed, has room beside them, and after a restart.
    equal(await offer(alone), MAX_STRAYS + 1);
    const later = await relayRig({ image: rig.disk() });
    await enterAs(later, realm, realm.logOf('host-3'));
    deepEqual(versionsOf(later, parted), [1, 2]);
  });
});
