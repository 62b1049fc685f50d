import { deepEqual, equal } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { PROTOCOL } from '../../core/wire/hello.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { makeRealm } from '../support/realm.ts';
import {
  enterAs,
  fakePeer,
  hellosTo,
  questionFrame,
  relayRig,
  requestFor,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, SIZE, served } from '../support/relay-world.ts';

describe('what a relay refuses', () => {
  const world = (seed: string) => served(seed, { limits: { quota: { records: 10, bytes: 1_000_000 } } });
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

  it('takes of a log in a day what the quota allows, and the rest on the next', async () => {
    const { rig, realm, log } = await world('quota');
    for (let i = 0; i < 12; i++) await realm.append(log, 'heads', REMARK);
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, 10);
    rig.clock.advance(86_400);
    rig.relay.receive(peer, updateFrame(realm.run(log, 1)));
    await rig.relay.idle();
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, 13);
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

  it('refuses an answer in a version of the protocol that it does not speak', async () => {
    const { rig, realm, log } = await world('protocol');
    const peer = await enterAs(rig, realm, log, PROTOCOL.max + 1);
    equal(peer.closed, 'protocol-version');
    equal(rig.count('message_rejected_total', 'protocol-version'), 1);
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
