import { deepEqual, equal, ok } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { encodeBody, makeRealm } from '../support/realm.ts';
import {
  enterAs,
  fakePeer,
  hellosTo,
  messagesTo,
  noticesTo,
  questionFrame,
  register,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';

const SIZE = { hosts: 2, issuers: 1, voters: 2 };
const REMARK = { whole: true, next: new Map<LogId, number>() };

describe('a relay without sockets', () => {
  it('serves a new realm to whoever brings its genesis, where the operator lets anybody', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('new', SIZE);
    await register(rig, realm);
    equal(rig.realms.find(realm.id)?.name, 'Realm new');
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    deepEqual(
      new Map(runsTo(peer).map((run) => [run.log, run.records.length])),
      new Map(realm.runs().map((run) => [run.log, run.records.length])),
    );
  });

  it('hands the records of one peer to the other in the bytes that came, and confirms them to the first', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('two', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
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
    const { nodeCrypto } = await import('../../core/adapters/crypto-node.ts');
    const crypto = {
      verify: (...args: Parameters<typeof nodeCrypto.verify>) => {
        checks += 1;
        return nodeCrypto.verify(...args);
      },
    };
    const rig = await relayRig({ relay: { crypto } });
    const realm = await makeRealm('turn', SIZE);
    await register(rig, realm);
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
    const rig = await relayRig();
    const realm = await makeRealm('again', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, updateFrame(realm.run(log)));
    await rig.relay.idle();
    deepEqual(noticesTo(peer), [{ code: 'confirmed', durable: 'synced', heads: new Map([[log, 1]]) }]);
  });

  it('takes the good logs of an update and refuses the bad ones', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('mixed', SIZE);
    await register(rig, realm);
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
    const rig = await relayRig();
    const realm = await makeRealm('invite', SIZE);
    await register(rig, realm);
    const newcomer = await realm.invite('host-9');
    await realm.join(newcomer);
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    rig.relay.receive(peer, updateFrame(realm.run(realm.logOf('issuer-1'), 3), realm.run(newcomer.log)));
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(newcomer.log)?.next, 1);
  });

  it('keeps both records of a fork, freezes the log and tells everybody who said hello', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('fork', SIZE);
    await register(rig, realm);
    const log = realm.logOf('host-1');
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
  });

  it('tells a peer that has not said hello nothing in our own message types', async () => {
    const rig = await relayRig();
    const realm = await makeRealm('stock', SIZE);
    await register(rig, realm);
    const entry = rig.realms.find(realm.id);
    ok(entry !== undefined);
    const { newToken } = await import('../../relay/realms.ts');
    const { token, hash } = newToken({ bytes: (length) => new Uint8Array(length) });
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

describe('what a relay refuses', () => {
  type World = Awaited<ReturnType<typeof world>>;
  const world = async (seed: string) => {
    const rig = await relayRig({ limits: { quota: { records: 10, bytes: 1_000_000 } } });
    const realm = await makeRealm(seed, SIZE);
    await register(rig, realm);
    return { rig, realm, log: realm.logOf('host-1') };
  };
  const runs: readonly [reason: string, frame: (world: World) => Promise<Uint8Array>][] = [
    ['gap', async ({ log }) => updateFrame({ log, from: 7, records: [new Uint8Array(9)] })],
    ['record-form', async ({ log }) => updateFrame({ log, from: 1, records: [new Uint8Array(9)] })],
    ['not-a-member', async () => updateFrame({ log: 5 as LogId, from: 0, records: [new Uint8Array(9)] })],
    [
      'wrong-realm',
      async ({ realm, log }) => {
        const body = encodeBody('heads', REMARK);
        const prev = hashOf(realm.run(log).records[0] ?? new Uint8Array(0));
        const elsewhere = hashOf(new Uint8Array(0));
        const record = prepareRecord({ realm: elsewhere, log, seq: 1, prev, type: 'heads', body });
        const sealed = record.seal(await realm.signerOf(log).sign(record.signed));
        return updateFrame({ log, from: 1, records: [sealed] });
      },
    ],
    [
      'broken-chain',
      async ({ realm, log }) => {
        await realm.append(log, 'heads', REMARK);
        await realm.append(log, 'heads', REMARK);
        const { records } = realm.run(log, 2);
        const skipped = await realm.fork(log, 1, 'heads', { ...REMARK, whole: false });
        return updateFrame({ log, from: 1, records: [skipped, ...records] });
      },
    ],
    [
      'bad-signature',
      async ({ realm, log }) => {
        const record = (await realm.append(log, 'heads', REMARK)).slice();
        record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
        return updateFrame({ log, from: 1, records: [record] });
      },
    ],
    [
      'quota',
      async ({ realm, log }) => {
        for (let i = 0; i < 11; i++) await realm.append(log, 'heads', REMARK);
        return updateFrame(realm.run(log, 1));
      },
    ],
    [
      'type-of-invited',
      async ({ realm }) => {
        const newcomer = await realm.invite('host-9');
        await realm.join(newcomer);
        await realm.appendRaw(newcomer.log, 'draft', new Map<string, CborValue>());
        return updateFrame(realm.run(realm.logOf('issuer-1'), 3), realm.run(newcomer.log));
      },
    ],
    [
      'invitation-expired',
      async ({ realm }) => {
        const newcomer = await realm.invite('host-9', 1_700_000_000);
        await realm.join(newcomer);
        return updateFrame(realm.run(realm.logOf('issuer-1'), 3), realm.run(newcomer.log));
      },
    ],
    [
      'bad-join',
      async ({ realm }) => {
        const newcomer = await realm.invite('host-9');
        await realm.join({ ...newcomer, oneTime: newcomer.signer });
        return updateFrame(realm.run(realm.logOf('issuer-1'), 3), realm.run(newcomer.log));
      },
    ],
    [
      'invitation-used',
      async ({ realm, log }) => {
        const key = realm.signerOf(realm.logOf('host-2')).key;
        const again = await realm.fork(log, 0, 'join', { key, proof: new Uint8Array(64) });
        return updateFrame({ log, from: 0, records: [again] });
      },
    ],
  ];
  for (const [reason, frame] of runs) {
    it(`counts ${reason} and changes nothing of that log`, async () => {
      const it = await world(`refuse-${reason}`);
      const peer = fakePeer();
      it.rig.relay.connect(peer, requestFor(it.realm.id));
      await it.rig.relay.idle();
      it.rig.relay.receive(peer, await frame(it));
      await it.rig.relay.idle();
      equal(it.rig.count('message_rejected_total', reason), 1);
      equal(peer.closed, null);
    });
  }

  const frames: readonly [why: string, frame: Uint8Array, closed: string, reason: string][] = [
    ['nonsense', Uint8Array.of(9, 9, 9), 'bad-frame', 'unknown-message'],
    ['a notice', encodeMessage({ type: 'notice', body: new Uint8Array(1) }), 'bad-frame', 'notice-to-relay'],
    ['an odd hello', encodeMessage({ type: 'hello', body: new Uint8Array(1) }), 'bad-frame', 'unknown-hello'],
    [
      'a deletion',
      encodeMessage({ type: 'update', update: Uint8Array.of(0, 1, 5, 1, 0, 9) }),
      'refused-update',
      'delete-set',
    ],
    ['a frame too long', new Uint8Array(2_000_000), 'too-large', 'too-large'],
  ];
  for (const [why, frame, closed, reason] of frames) {
    it(`sends away for good whoever sends ${why}`, async () => {
      const { rig, realm } = await world(`frame-${why}`);
      const peer = fakePeer();
      rig.relay.connect(peer, requestFor(realm.id));
      await rig.relay.idle();
      rig.relay.receive(peer, frame);
      equal(peer.closed, closed);
      equal(rig.count('message_rejected_total', reason), 1);
    });
  }

  it('refuses a state vector that names more logs than there can be', async () => {
    const { rig, realm } = await world('vector');
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    const many = new Map(Array.from({ length: 10_000 }, (_, i) => [(i + 1) as LogId, 1]));
    rig.relay.receive(peer, encodeMessage({ type: 'step1', stateVector: encodeStateVector(many) }));
    await rig.relay.idle();
    equal(peer.closed, 'bad-frame');
    equal(rig.count('message_rejected_total', 'too-many-logs'), 1);
  });

  it('gives nothing to read to a stranger, and sends him away in time', async () => {
    const { rig, realm } = await world('stranger');
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    rig.relay.receive(peer, questionFrame());
    rig.relay.receive(peer, encodeMessage({ type: 'query-awareness' }));
    await rig.relay.idle();
    deepEqual(
      hellosTo(peer).map(({ type }) => type),
      ['challenge'],
    );
    equal(peer.frames.length, 1);
    rig.clock.advance(11);
    rig.relay.sweep();
    equal(peer.closed, 'hello-timeout');
  });

  it('sends away a stranger who sends more than strangers may', async () => {
    const { rig, realm } = await world('flood');
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    await rig.relay.idle();
    const frame = encodeMessage({ type: 'awareness', states: new Uint8Array(900_000) });
    for (let i = 0; i < 5; i++) rig.relay.receive(peer, frame);
    equal(peer.closed, 'not-authenticated');
  });

  it('sends away whoever sends too many frames', async () => {
    const { rig, realm } = await world('rate');
    const peer = await enterAs(rig, realm, realm.logOf('host-1'));
    const frame = encodeMessage({ type: 'query-awareness' });
    for (let i = 0; i < 501; i++) rig.relay.receive(peer, frame);
    equal(peer.closed, 'rate-limit');
  });

  it('cuts a peer that does not read', async () => {
    const { rig, realm, log } = await world('slow');
    const writer = await enterAs(rig, realm, log);
    const reader = await enterAs(rig, realm, realm.logOf('host-2'));
    reader.stuck = 100_000_000;
    await realm.append(log, 'heads', REMARK);
    rig.relay.receive(writer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    equal(reader.closed, 'slow-reader');
    equal(writer.closed, null);
  });

  it('refuses an answer to the challenge under another key, and one for a log that is not here', async () => {
    const { rig, realm, log } = await world('impostor');
    const other = await makeRealm('impostor-too', SIZE);
    const impostor = { ...realm, signerOf: () => other.signerOf(other.logOf('host-1')) };
    equal((await enterAs(rig, impostor, log)).closed, 'not-authenticated');
    equal((await enterAs(rig, impostor, 5 as LogId)).closed, 'not-a-member');
  });

  it('knows no room that the operator did not list', async () => {
    const rig = await relayRig({ relay: { policy: 'list' } });
    const realm = await makeRealm('unlisted', SIZE);
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id));
    equal(peer.closed, 'unknown-room');
  });

  it('takes a new realm only with the registration token, where there is one', async () => {
    const rig = await relayRig({ relay: { policy: 'token', registerToken: 'let me in' } });
    const realm = await makeRealm('token', SIZE);
    const [wrong, right] = [fakePeer(), fakePeer()];
    rig.relay.connect(wrong, requestFor(realm.id, { register: 'let me' }));
    equal(wrong.closed, 'unknown-room');
    rig.relay.connect(right, requestFor(realm.id, { register: 'let me in' }));
    await rig.relay.idle();
    equal(right.closed, null);
  });

  it('refuses a wrong read token', async () => {
    const { rig, realm } = await world('read-token');
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id, { token: 'guess' }));
    equal(peer.closed, 'not-authenticated');
  });
});
