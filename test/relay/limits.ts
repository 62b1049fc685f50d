import { deepEqual, equal } from 'node:assert/strict';
import type { Store } from '../../core/ports.ts';
import type { LogId } from '../../core/units.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { newCounts } from '../../relay/counts.ts';
import {
  type Limits,
  MAX_AHEAD_BYTES,
  MAX_REMARKS,
  MAX_TIME_REQUESTS,
  MAX_TURN_BYTES,
  MAX_WAITING_BYTES,
} from '../../relay/limits.ts';
import { writePresence } from '../../relay/presence.ts';
import { newToken } from '../../relay/realms.ts';
import { timeDesk } from '../../relay/time-desk.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import {
  enterAs,
  type FakePeer,
  fakePeer,
  messagesTo,
  noticesTo,
  questionFrame,
  type Rig,
  type RigOptions,
  register,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';

const SIZE = { hosts: 2, issuers: 1, voters: 2 };
const REMARK = { whole: true, next: new Map<LogId, number>() };
const ASK = encodeMessage({ type: 'query-awareness' });

async function world(seed: string, limits: Partial<Limits> = {}, options: RigOptions = {}) {
  const rig = await relayRig({ ...options, limits });
  const realm = await makeRealm(seed, SIZE);
  await register(rig, realm);
  return { rig, realm, log: realm.logOf('host-1') };
}

/** Gives a realm a read token, as `realm token` does. */
async function tokenFor(rig: Rig, realm: TestRealm): Promise<string> {
  const { hash, token } = newToken({ bytes: (length) => new Uint8Array(length).fill(3) });
  const entry = rig.realms.find(realm.id);
  if (entry !== undefined) await rig.realms.put({ ...entry, token: hash });
  return token;
}

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
      const { rig, realm, log } = await world(`frame ${bytes}`, { frameBytes: 5000, presenceBytes: 9000 });
      const peer = await enterAs(rig, realm, log);
      rig.relay.receive(peer, presenceOf(bytes));
      equal(peer.closed, closed);
    });
  }

  it('takes as many frames at once as the rate says, then as many a second, and not one more', async () => {
    const { rig, realm, log } = await world('rate', { framesPerSecond: 10 });
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
    const { rig, realm, log } = await world('silent', { framesPerSecond: 10 });
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
      const { rig, realm, log } = await world(`queue ${queued}`, { queueBytes: 1000 });
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
      const { rig, realm, log } = await world(`ahead ${queued}`);
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
    const { rig, realm } = await world('hello', { helloSeconds: 10 });
    const peer = await stranger(rig, realm);
    rig.clock.advance(10);
    rig.relay.sweep();
    equal(peer.closed, null);
    rig.clock.advance(1);
    rig.relay.sweep();
    equal(peer.closed, 'hello-timeout');
  });

  it('leaves readers alone who never say hello: a stock client with a token, and who has answered', async () => {
    const { rig, realm, log } = await world('readers', { helloSeconds: 10 });
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
    const { rig, realm } = await world('stranger', { helloBytes: 9000 });
    const peer = await stranger(rig, realm);
    rig.relay.receive(peer, presenceOf(8999));
    rig.relay.receive(peer, ASK);
    equal(peer.closed, null);
    rig.relay.receive(peer, ASK);
    equal(peer.closed, 'not-authenticated');
    equal(rig.count('message_rejected_total', 'stranger-bytes'), 1);
  });

  it('does not count what a reader sends as a stranger’s', async () => {
    const { rig, realm, log } = await world('no stranger', { helloBytes: 9000 });
    const peer = await enterAs(rig, realm, log);
    rig.relay.receive(peer, presenceOf(9001));
    equal(peer.closed, null);
  });

  for (const [count, told] of [
    [MAX_REMARKS, MAX_REMARKS],
    [MAX_REMARKS + 1, MAX_REMARKS],
  ] as const) {
    it(`tells a sender of ${count} bad runs in one turn about ${told}, and counts all`, async () => {
      const { rig, realm, log } = await world(`remarks ${count}`);
      const peer = await enterAs(rig, realm, log);
      const bad = (i: number) => ({ log: (i + 1) as LogId, from: 0, records: [new Uint8Array(9)] });
      rig.relay.receive(peer, updateFrame(...Array.from({ length: count }, (_, i) => bad(i))));
      await rig.relay.idle();
      equal(noticesTo(peer).length, told);
      equal(rig.count('message_rejected_total', 'not-a-member'), count);
    });
  }
});

describe('what a relay lets wait', () => {
  /** Offers two records in two updates that say how long they are. */
  async function offered(seed: string, lengths: readonly number[]) {
    const { rig, realm, log } = await world(seed);
    const peer = await enterAs(rig, realm, log);
    const [hall, session] = [rig.relay.halls.get(realm.id), rig.relay.sessions.get(peer)];
    if (hall === undefined || session === undefined) throw new Error('expected to be in the room');
    const before = rig.count('turns_total');
    for (const [i, bytes] of lengths.entries()) {
      await realm.append(log, 'heads', REMARK);
      const { records } = realm.run(log, 1 + i);
      hall.turns.offer(session, [{ log, from: 1 + i, records }], bytes);
    }
    await rig.relay.idle();
    return { turns: rig.count('turns_total') - before, throttles: peer.throttles };
  }

  it('is one turn up to its bytes, and the next from there on', async () => {
    equal((await offered('one turn', [MAX_TURN_BYTES - 1, 1])).turns, 1);
    equal((await offered('two turns', [MAX_TURN_BYTES - 1, 2])).turns, 2);
  });

  it('is no more from one sender than its bytes: then it is read no further, until they are written', async () => {
    deepEqual((await offered('waits', [MAX_WAITING_BYTES - 1, 1])).throttles, []);
    deepEqual((await offered('stops', [MAX_WAITING_BYTES - 1, 2])).throttles, [true, false]);
  });

  it('is what a reader sends before its room is loaded, of which nothing is lost or held against it', async () => {
    const first = await world('early');
    const token = await tokenFor(first.rig, first.realm);
    let load: () => void = () => undefined;
    const loading = new Promise<void>((resolve) => {
      load = resolve;
    });
    const around = (store: Store): Store => ({
      ...store,
      async *range(range) {
        if (range.from.startsWith('room/')) await loading;
        yield* store.range(range);
      },
    });
    const { realm, log } = first;
    const rig = await relayRig({ image: first.rig.disk(), around });
    const peer = fakePeer();
    rig.relay.connect(peer, requestFor(realm.id, { token }));
    const big = new Map([['data', new Uint8Array(15_000)]]);
    for (let i = 0; i < 300; i++) await realm.appendRaw(log, 'x-filler', big);
    const { records } = realm.run(log);
    for (let from = 1; from <= 300; from += 50) {
      rig.relay.receive(peer, updateFrame({ log, from, records: records.slice(from, from + 50) }));
    }
    rig.clock.advance(3600);
    rig.relay.sweep();
    deepEqual([peer.closed, peer.throttles], [null, [true]]);
    load();
    await rig.relay.idle();
    equal(peer.closed, null);
    deepEqual([peer.throttles[1], peer.throttles.at(-1)], [false, false]);
    equal(rig.relay.halls.get(realm.id)?.room.heads.get(log)?.next, 301);
  });

  it('is a request for time while no more wait than may, and is told at once when they do', async () => {
    const counts = newCounts();
    const keeper = {
      answer: async (requests: readonly Uint8Array[]) => [...requests],
      refusals: () => new Map(),
      delegatedUntil: () => null,
    };
    const desk = timeDesk(keeper, counts, () => undefined);
    let answered = 0;
    const reply = (packet: Uint8Array | null) => {
      if (packet !== null) answered += 1;
    };
    for (let i = 0; i < MAX_TIME_REQUESTS; i++) desk.ask(new Uint8Array(1), null, reply);
    let refused: Uint8Array | null | undefined;
    desk.ask(new Uint8Array(1), null, (packet) => {
      refused = packet;
    });
    equal(refused, null);
    await desk.idle();
    equal(answered, MAX_TIME_REQUESTS);
    equal(counts.read().get('message_rejected_total')?.get('time-busy'), 1);
  });
});

describe('a room whose first records are being written', () => {
  it('is not open to whoever comes meanwhile with a token that nobody gave', async () => {
    let written: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => {
      written = resolve;
    });
    let reached: () => void = () => undefined;
    const reaching = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const around = (store: Store): Store => ({
      ...store,
      async batch(writes) {
        reached();
        await writing;
        return store.batch(writes);
      },
    });
    const rig = await relayRig({ around });
    const realm = await makeRealm('window', SIZE);
    const [founder, thief] = [fakePeer(), fakePeer()];
    rig.relay.connect(founder, requestFor(realm.id));
    rig.relay.receive(founder, updateFrame(...realm.runs()));
    await reaching;
    rig.relay.connect(thief, requestFor(realm.id, { token: 'guess' }));
    rig.relay.receive(thief, questionFrame());
    written();
    await rig.relay.idle();
    deepEqual(runsTo(thief), []);
    deepEqual(
      messagesTo(thief).map(({ type }) => type),
      ['hello'],
    );
  });
});
