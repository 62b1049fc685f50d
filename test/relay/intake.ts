import { deepEqual, equal } from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { Fault } from '../../core/errors.ts';
import type { Store } from '../../core/ports.ts';
import type { Member } from '../../core/state/roster.ts';
import type { LogId } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { certify } from '../support/certified.ts';
import { encodeBody, makeRealm, type TestRealm } from '../support/realm.ts';
import {
  enterAs,
  fakePeer,
  noticesTo,
  type Rig,
  register,
  relayRig,
  requestFor,
  updateFrame,
} from '../support/relay-rig.ts';

const SIZE = { hosts: 2, issuers: 1, voters: 1 };
const IDLE_HOUR = {
  ...{ hour: 0, quiet: 0, names: [], sessions: [], denials: [], lost: 0 },
  peaks: new Map<string, number>(),
};
const REMARK = { whole: true, next: new Map<LogId, number>() };

const nextOf = (rig: Rig, realm: TestRealm, log: LogId) =>
  rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next ?? 0;

async function invited(seed: string, image?: Parameters<typeof relayRig>[0]) {
  const rig = await relayRig(image);
  const realm = await makeRealm(seed, SIZE);
  await register(rig, realm);
  const newcomer = await realm.invite('host-9');
  await realm.join(newcomer);
  const member: Member = {
    ...{ id: newcomer.id, kind: 'host', name: 'host-9', class: 'office', roles: [] },
    logs: [{ log: newcomer.log, key: newcomer.signer.key }],
  };
  return { rig, realm, newcomer, member };
}

describe('intake', () => {
  it('lets a log write everything once a certificate names it, whatever the order in one update', async () => {
    const { rig, realm, newcomer, member } = await invited('certified');
    await realm.append(newcomer.log, 'usage', IDLE_HOUR);
    await certify(realm, member);
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    rig.relay.receive(peer, updateFrame(...realm.runs()));
    await rig.relay.idle();
    equal(nextOf(rig, realm, newcomer.log), 2);
    equal(rig.relay.halls.get(realm.id)?.room.membership.versions.length, 2);
  });

  it('knows a certificate again after a restart, though its candidate came in parts over several turns', async () => {
    const { rig, realm, newcomer, member } = await invited('parts');
    await certify(realm, member);
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    for (const { log, from, records } of realm.runs()) {
      for (const [i, record] of records.entries()) {
        rig.relay.receive(peer, updateFrame({ log, from: from + i, records: [record] }));
        await rig.relay.idle();
      }
    }
    equal(rig.relay.halls.get(realm.id)?.room.membership.versions.length, 2);
    const later = await relayRig({ image: rig.disk() });
    const again = await enterAs(later, realm, realm.logOf('host-1'));
    equal(later.relay.halls.get(realm.id)?.room.membership.versions.length, 2);
    rig.relay.receive(again, updateFrame(realm.run(newcomer.log)));
    await realm.append(newcomer.log, 'usage', IDLE_HOUR);
    later.relay.receive(again, updateFrame(realm.run(newcomer.log)));
    await later.relay.idle();
    equal(nextOf(later, realm, newcomer.log), 2);
  });

  it('stores no more of an invited log than its bound', async () => {
    const { rig, realm, newcomer } = await invited('bound');
    for (let i = 0; i < 70; i++) await realm.append(newcomer.log, 'heads', REMARK);
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    rig.relay.receive(peer, updateFrame(...realm.runs()));
    await rig.relay.idle();
    equal(nextOf(rig, realm, newcomer.log), 64);
    equal(rig.count('message_rejected_total', 'records-of-invited'), 1);
  });

  it('ends a log where enough issuers revoked it', async () => {
    const { rig, realm } = await invited('revoked');
    const log = realm.logOf('host-2');
    await realm.append(realm.logOf('issuer-1'), 'revoke', { logs: new Map([[log, 2]]), reason: 'sold' });
    for (let i = 0; i < 3; i++) await realm.append(log, 'heads', REMARK);
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    rig.relay.receive(peer, updateFrame(realm.run(realm.logOf('issuer-1'))));
    await rig.relay.idle();
    rig.relay.receive(peer, updateFrame(realm.run(log)));
    await rig.relay.idle();
    equal(nextOf(rig, realm, log), 2);
    equal(rig.count('message_rejected_total', 'log-ended'), 1);
    equal(
      noticesTo(peer).some(({ code }) => code === 'revoked'),
      true,
    );
  });

  it('does not let garbage behind the records of another sender cost those their place', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('behind', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const [honest, other] = [
      await enterAs(rig, realm, log),
      await enterAs(rig, realm, realm.logOf('host-2')),
    ];
    await realm.append(log, 'heads', REMARK);
    await realm.append(log, 'heads', REMARK);
    const { records } = realm.run(log, 1);
    const forged = (records[1] ?? new Uint8Array(1)).slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    rig.relay.receive(honest, updateFrame({ log, from: 1, records: records.slice(0, 1) }));
    rig.relay.receive(other, updateFrame({ log, from: 2, records: [forged] }));
    await rig.relay.idle();
    equal(nextOf(rig, realm, log), 2);
    deepEqual(
      noticesTo(honest).map(({ code }) => code),
      ['confirmed'],
    );
    deepEqual(
      noticesTo(other).map(({ code }) => code),
      ['refused-record'],
    );
  });

  it('takes the good records before a bad one, in one update as one by one', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('tail', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const peer = await enterAs(rig, realm, log);
    for (let i = 0; i < 3; i++) await realm.append(log, 'heads', REMARK);
    const { records } = realm.run(log, 1);
    const forged = (records[2] ?? new Uint8Array(1)).slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    rig.relay.receive(peer, updateFrame({ log, from: 1, records: [...records.slice(0, 2), forged] }));
    await rig.relay.idle();
    equal(nextOf(rig, realm, log), 3);
    deepEqual(
      noticesTo(peer).map(({ code }) => code),
      ['refused-record', 'confirmed'],
    );
  });

  it('checks few signatures of a chain that nobody signed: four at its end, then by halving', async () => {
    let checks = 0;
    const crypto: typeof nodeCrypto = {
      verify: (...args) => {
        checks += 1;
        return nodeCrypto.verify(...args);
      },
    };
    const rig = await relayRig({ relay: { crypto } });
    const realm = await makeRealm('unsigned', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const body = encodeBody('heads', REMARK);
    let prev = hashOf(realm.run(log).records[0] ?? new Uint8Array(0));
    const records: Uint8Array[] = [];
    for (let seq = 1; seq <= 500; seq++) {
      const record = prepareRecord({ realm: realm.id, log, seq, prev, type: 'heads', body });
      const bytes = record.seal(new Uint8Array(64).fill(9));
      records.push(bytes);
      prev = hashOf(bytes);
    }
    const stranger = fakePeer();
    rig.relay.connect(stranger, requestFor(realm.id));
    await rig.relay.idle();
    checks = 0;
    rig.relay.receive(stranger, updateFrame({ log, from: 1, records }));
    await rig.relay.idle();
    equal(checks, 4 + 8);
    equal(rig.count('message_rejected_total', 'bad-signature'), 1);
  });

  it('begins no realm whose roster cannot be read', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('roster', SIZE);
    const log = realm.logOf('issuer-1');
    const value = { name: 'x', key: realm.signerOf(log).key, nonce: new Uint8Array(16), roster: 7 };
    const fields = { realm: NO_HASH, log, seq: 0, prev: NO_HASH, type: 'genesis' };
    const record = prepareRecord({ ...fields, body: encodeBody('genesis', value) });
    const genesis = record.seal(await realm.signerOf(log).sign(record.signed));
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(hashOf(genesis)));
    rig.relay.receive(peer, updateFrame({ log, from: 0, records: [genesis] }));
    await rig.relay.idle();
    equal(rig.count('message_rejected_total', 'bad-roster'), 1);
    equal(rig.disk().size, 0);
  });

  it('confirms and hands on nothing that the disk did not take, and starts again from the disk', async () => {
    let broken = false;
    const around = (store: Store): Store => ({
      ...store,
      batch: (writes) => (broken ? Promise.reject(new Fault('DISK_FULL')) : store.batch(writes)),
    });
    const rig = await relayRig({ around });
    const realm = await makeRealm('full', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const [writer, reader] = [
      await enterAs(rig, realm, log),
      await enterAs(rig, realm, realm.logOf('host-2')),
    ];
    const before = reader.frames.length;
    await realm.append(log, 'heads', REMARK);
    broken = true;
    rig.relay.receive(writer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    deepEqual([writer.closed, reader.closed], ['failure', 'failure']);
    deepEqual([noticesTo(writer), reader.frames.length], [[], before]);
    equal(rig.count('db_errors_total', 'DISK_FULL'), 1);
    broken = false;
    const again = await enterAs(rig, realm, log);
    rig.relay.receive(again, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    deepEqual(
      noticesTo(again).map(({ code }) => code),
      ['confirmed'],
    );
  });

  it('reads no further from a sender whose updates wait, until they are written', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('wait', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const peer = await enterAs(rig, realm, log);
    const big = new Map([['data', new Uint8Array(15_000)]]);
    for (let i = 0; i < 300; i++) await realm.appendRaw(log, 'x-filler', big);
    const { records } = realm.run(log);
    for (let from = 1; from <= 300; from += 50) {
      rig.relay.receive(peer, updateFrame({ log, from, records: records.slice(from, from + 50) }));
    }
    await rig.relay.idle();
    deepEqual(peer.throttles, [true, false]);
    equal(nextOf(rig, realm, log), 301);
  });
});
