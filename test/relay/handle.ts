import { deepEqual, equal, ok } from 'node:assert/strict';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { newToken } from '../../relay/realms.ts';
import { makeRealm } from '../support/realm.ts';
import {
  enterAs,
  fakePeer,
  messagesTo,
  noticesTo,
  questionFrame,
  register,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, SIZE, served } from '../support/relay-world.ts';

const tokenOf = (seed: string) => newToken({ bytes: (length) => new Uint8Array(length).fill(seed.length) });

describe('a relay without sockets', () => {
  it('serves a new realm to whoever brings its genesis, where the operator lets anybody', async () => {
    const { rig, realm } = await served('new');
    equal(rig.realms.find(realm.id)?.name, 'Realm new');
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    deepEqual(
      new Map(runsTo(peer).map((run) => [run.log, run.records.length])),
      new Map(realm.runs().map((run) => [run.log, run.records.length])),
    );
  });

  it('hands the records of one peer to the other in the bytes that came, and confirms them to the first', async () => {
    const { rig, realm, log } = await served('two');
    const writer = await enterAs(rig, realm, log);
    const reader = await enterAs(rig, realm, realm.logOf('host-2'));
    const before = reader.frames.length;
    const record = await realm.append(log, 'heads', REMARK);
    const frame = updateFrame(realm.run(log, 1));
    rig.relay.receive(writer, frame);
    await rig.relay.idle();
    equal(reader.frames.length, before + 1);
    deepEqual(reader.frames.at(-1), frame);
    deepEqual(noticesTo(writer), [{ code: 'confirmed', durable: 'synced', heads: new Map([[log, 2]]) }]);
    deepEqual(
      runsTo(writer)
        .flatMap((run) => run.records)
        .filter((bytes) => bytes === record),
      [],
    );
  });

  it('is after a restart what it was before', async () => {
    const first = await relayRig();
    const realm = await makeRealm('restart', SIZE);
    await register(first, realm);
    const second = await relayRig({ image: first.disk() });
    const peer = await enterAs(second, realm, realm.logOf('issuer-1'));
    deepEqual(
      [...runsTo(peer)].sort((a, b) => a.log - b.log),
      [...realm.runs()].sort((a, b) => a.log - b.log),
    );
    const log = realm.logOf('host-1');
    await realm.append(log, 'heads', REMARK);
    second.relay.receive(peer, updateFrame(realm.run(log, 1)));
    await second.relay.idle();
    equal(second.count('records_stored_total'), 1);
  });

  it('sends one frame to each peer for all updates of one turn, under one signature check per log', async () => {
    let checks = 0;
    const crypto = {
      verify: (...args: Parameters<typeof nodeCrypto.verify>) => {
        checks += 1;
        return nodeCrypto.verify(...args);
      },
    };
    const { rig, realm } = await served('turn', { relay: { crypto } });
    const logs = [realm.logOf('host-1'), realm.logOf('host-2')] as const;
    const writers = [await enterAs(rig, realm, logs[0]), await enterAs(rig, realm, logs[1])] as const;
    const reader = await enterAs(rig, realm, realm.logOf('issuer-1'));
    const before = { frames: reader.frames.length, turns: rig.count('turns_total') };
    for (const log of logs) for (let i = 0; i < 20; i++) await realm.append(log, 'heads', REMARK);
    checks = 0;
    for (let seq = 1; seq <= 20; seq++) {
      for (const i of [0, 1] as const) {
        const { records } = realm.run(logs[i], seq);
        rig.relay.receive(writers[i], updateFrame({ log: logs[i], from: seq, records: records.slice(0, 1) }));
      }
    }
    await rig.relay.idle();
    equal(rig.count('turns_total') - before.turns, 1);
    equal(reader.frames.length - before.frames, 1);
    equal(checks, 2);
    equal(writers[0].frames.filter((frame) => frame === reader.frames.at(-1)).length, 1);
  });

  it('confirms records again that it holds already, so that a lost confirmation costs nothing', async () => {
    const { rig, realm, log } = await served('again');
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, updateFrame(realm.run(log)));
    await rig.relay.idle();
    deepEqual(noticesTo(peer), [{ code: 'confirmed', durable: 'synced', heads: new Map([[log, 1]]) }]);
  });

  it('takes the good logs of an update and refuses the bad ones', async () => {
    const { rig, realm } = await served('mixed');
    const [good, bad] = [realm.logOf('host-1'), realm.logOf('host-2')];
    const peer = await enterAs(rig, realm, good);
    await realm.append(good, 'heads', REMARK);
    const forged = (await realm.append(bad, 'heads', REMARK)).slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    rig.relay.receive(peer, updateFrame(realm.run(good, 1), { log: bad, from: 1, records: [forged] }));
    await rig.relay.idle();
    equal(rig.count('message_rejected_total', 'bad-signature'), 1);
    deepEqual(
      noticesTo(peer).map((notice) => notice.code),
      ['refused-record', 'confirmed'],
    );
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(good)?.next, 2);
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(bad)?.next, 1);
    equal(peer.closed, null);
  });

  it('lets an invitation and the log that it invites come in one update, in any order', async () => {
    const { rig, realm } = await served('invite');
    const newcomer = await realm.invite('host-9');
    await realm.join(newcomer);
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    rig.relay.receive(peer, updateFrame(realm.run(realm.logOf('issuer-1'), 3), realm.run(newcomer.log)));
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(newcomer.log)?.next, 1);
  });

  it('keeps both records of a fork, freezes the log and tells everybody who said hello', async () => {
    const { rig, realm, log } = await served('fork');
    const peers = [await enterAs(rig, realm, log), await enterAs(rig, realm, realm.logOf('host-2'))] as const;
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(peers[0], updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    const other = await realm.fork(log, 1, 'heads', { ...REMARK, whole: false });
    rig.relay.receive(peers[0], updateFrame({ log, from: 1, records: [other] }));
    await rig.relay.idle();
    for (const peer of peers) {
      ok(noticesTo(peer).some((notice) => notice.code === 'fork' && notice.seq === 1));
      deepEqual(runsTo(peer).at(-1), { log, from: 1, records: [other] });
    }
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(peers[0], updateFrame(realm.run(log, 2)));
    await rig.relay.idle();
    equal(rig.count('message_rejected_total', 'log-ended'), 1);
    const later = await relayRig({ image: rig.disk() });
    const peer = await enterAs(later, realm, realm.logOf('issuer-1'));
    deepEqual(runsTo(peer).at(-1), { log, from: 1, records: [other] });
    later.relay.receive(peer, updateFrame(realm.run(log, 2)));
    await later.relay.idle();
    equal(later.count('message_rejected_total', 'log-ended'), 1);
  });

  it('leaves nothing out that is written while it answers, and starts with the log of the genesis', async () => {
    const { rig, realm, log } = await served('meanwhile', { limits: { answerBytes: 1 } });
    const writer = await enterAs(rig, realm, log);
    const { hash, token } = tokenOf('meanwhile');
    const entry = rig.realms.find(realm.id);
    if (entry !== undefined) await rig.realms.put({ ...entry, token: hash });
    let release: () => void = () => undefined;
    const reader = {
      ...fakePeer(),
      queued: () => 1_000_000,
      drained: () => new Promise<void>((go) => (release = go)),
    };
    rig.relay.connect(reader, requestFor(realm.id, { token }));
    rig.relay.receive(reader, questionFrame());
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(writer, updateFrame(realm.run(log, 1)));
    await rig.relay.halls.get(realm.id)?.turns.idle();
    reader.queued = () => 0;
    release();
    await rig.relay.idle();
    const runs = runsTo(reader);
    equal(runs[0]?.log, realm.logOf('issuer-1'));
    deepEqual(
      runs.filter((run) => run.log === log).map((run) => run.from),
      [0, 1],
    );
    deepEqual(
      messagesTo(reader)
        .map(({ type }) => type)
        .slice(-2),
      ['step2', 'step1'],
    );
  });

  it('tells a peer that has not said hello nothing in our own message types', async () => {
    const { rig, realm } = await served('stock');
    const entry = rig.realms.find(realm.id);
    ok(entry !== undefined);
    const { token, hash } = tokenOf('stock');
    await rig.realms.put({ ...entry, token: hash });
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id, { token }));
    rig.relay.receive(peer, questionFrame());
    const log = realm.logOf('host-1');
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(peer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    deepEqual([...new Set(messagesTo(peer).map(({ type }) => type))].sort(), ['step1', 'step2']);
    equal(rig.count('records_stored_total') > 0, true);
  });
});
