import { deepEqual, equal } from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { writePresence } from '../../core/wire/presence.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { MAX_AHEAD_BYTES, MAX_REMARKS } from '../../relay/limits.ts';
import type { TestRealm } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  noticesTo,
  questionFrame,
  type Rig,
  requestFor,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, served, tokenFor } from '../support/relay-world.ts';

const ASK = encodeMessage({ type: 'query-awareness' });

/** A frame of exactly so many bytes. */
function presenceOf(frameBytes: number): Uint8Array {
  for (let size = frameBytes; size > 0; size--) {
    const states = writePresence([{ client: 1, clock: 1, state: new Uint8Array(size) }]);
    const frame = encodeMessage({ type: 'awareness', states });
    if (frame.length === frameBytes) return frame;
  }
  throw new Error(`no frame has ${frameBytes} bytes`);
}

async function stranger(rig: Rig, realm: TestRealm): Promise<FakePeer> {
  const peer = fakePeer();
  rig.relay.connect(peer, requestFor(realm.id));
  await rig.relay.idle();
  return peer;
}

describe('what a relay lets one connection do', () => {
  for (const [bytes, closed] of [
    [5000, null],
    [5001, 'too-large'],
  ] as const) {
    it(`${closed === null ? 'takes' : 'refuses'} a frame of ${bytes} bytes where 5000 are allowed`, async () => {
      const { rig, realm, log } = await served(`frame ${bytes}`, {
        limits: { frameBytes: 5000, presenceBytes: 9000 },
      });
      const peer = await enterAs(rig, realm, log);
      rig.relay.receive(peer, presenceOf(bytes));
      equal(peer.closed, closed);
    });
  }

  it('takes as many frames at once as the rate says, then as many a second, and not one more', async () => {
    const { rig, realm, log } = await served('rate', { limits: { framesPerSecond: 10 } });
    const peer = await enterAs(rig, realm, log);
    for (let sent = 2; sent < 10; sent++) rig.relay.receive(peer, ASK);
    equal(peer.closed, null);
    rig.clock.advance(0.5);
    for (let sent = 0; sent < 5; sent++) rig.relay.receive(peer, ASK);
    equal(peer.closed, null);
    rig.relay.receive(peer, ASK);
    equal(peer.closed, 'rate-limit');
    equal(rig.count('message_rejected_total', 'rate'), 1);
  });

  it('saves up no more for a connection that was silent than as many again', async () => {
    const { rig, realm, log } = await served('silent', { limits: { framesPerSecond: 10 } });
    const peer = await enterAs(rig, realm, log);
    rig.clock.advance(3600);
    for (let sent = 2; sent < 20; sent++) rig.relay.receive(peer, ASK);
    equal(peer.closed, null);
    rig.relay.receive(peer, ASK);
    equal(peer.closed, 'rate-limit');
  });

  for (const [queued, closed] of [
    [1000, null],
    [1001, 'slow-reader'],
  ] as const) {
    it(`${closed === null ? 'keeps' : 'cuts'} a reader for whom ${queued} bytes wait where 1000 may`, async () => {
      const { rig, realm, log } = await served(`queue ${queued}`, { limits: { queueBytes: 1000 } });
      const writer = await enterAs(rig, realm, log);
      const reader = await enterAs(rig, realm, realm.logOf('host-2'));
      reader.stuck = queued;
      await realm.append(log, 'heads', REMARK);
      rig.relay.receive(writer, updateFrame(realm.run(log, 1)));
      await rig.relay.idle();
      equal(reader.closed, closed);
    });
  }

  for (const [queued, waits] of [
    [MAX_AHEAD_BYTES, 0],
    [MAX_AHEAD_BYTES + 1, 1],
  ] as const) {
    it(`waits ${waits} times with an answer of one frame while ${queued} bytes are queued`, async () => {
      const { rig, realm, log } = await served(`ahead ${queued}`);
      const peer = await enterAs(rig, realm, log);
      let waited = 0;
      peer.drained = async () => void waited++;
      peer.stuck = queued;
      rig.relay.receive(peer, questionFrame());
      await rig.relay.idle();
      equal(waited, waits);
    });
  }

  it('gives a stranger the time to say hello, and not a second more', async () => {
    const { rig, realm } = await served('hello', { limits: { helloSeconds: 10 } });
    const peer = await stranger(rig, realm);
    rig.clock.advance(10);
    rig.relay.sweep();
    equal(peer.closed, null);
    rig.clock.advance(1);
    rig.relay.sweep();
    equal(peer.closed, 'hello-timeout');
  });

  it('leaves readers alone who never say hello: a stock client with a token, and who has answered', async () => {
    const { rig, realm, log } = await served('readers', { limits: { helloSeconds: 10 } });
    const token = await tokenFor(rig, realm);
    const [stock, silent] = [fakePeer(), fakePeer()];
    rig.relay.connect(stock, requestFor(realm.id, { token }));
    rig.relay.connect(silent, requestFor(realm.id, { token, hello: true }));
    const answered = await enterAs(rig, realm, log);
    rig.clock.advance(3600);
    rig.relay.sweep();
    deepEqual([stock.closed, silent.closed, answered.closed], [null, null, null]);
  });

  it('takes from a stranger as many bytes as strangers may send, and not one more', async () => {
    const { rig, realm } = await served('stranger', { limits: { helloBytes: 9000 } });
    const peer = await stranger(rig, realm);
    rig.relay.receive(peer, presenceOf(8999));
    rig.relay.receive(peer, ASK);
    equal(peer.closed, null);
    rig.relay.receive(peer, ASK);
    equal(peer.closed, 'not-authenticated');
    equal(rig.count('message_rejected_total', 'stranger-bytes'), 1);
  });

  it('does not count what a reader sends as a stranger’s', async () => {
    const { rig, realm, log } = await served('no stranger', { limits: { helloBytes: 9000 } });
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, presenceOf(9001));
    equal(peer.closed, null);
  });

  for (const [count, told] of [
    [MAX_REMARKS, MAX_REMARKS],
    [MAX_REMARKS + 1, MAX_REMARKS],
  ] as const) {
    it(`tells a sender of ${count} bad runs in one turn about ${told}, and counts all`, async () => {
      const { rig, realm, log } = await served(`remarks ${count}`);
      const peer = await enterAs(rig, realm, log);
      const bad = (i: number) => ({ log: (i + 1) as LogId, from: 0, records: [new Uint8Array(9)] });
      rig.relay.receive(peer, updateFrame(...Array.from({ length: count }, (_, i) => bad(i))));
      await rig.relay.idle();
      equal(noticesTo(peer).length, told);
      equal(rig.count('message_rejected_total', 'not-a-member'), count);
    });
  }
});
