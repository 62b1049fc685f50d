import { deepEqual, equal } from 'node:assert/strict';
import type { Store } from '../../core/ports.ts';
import { newCounts } from '../../relay/counts.ts';
import { MAX_TIME_REQUESTS, MAX_TURN_BYTES, MAX_WAITING_BYTES } from '../../relay/limits.ts';
import { timeDesk } from '../../relay/time-desk.ts';
import { makeRealm } from '../support/realm.ts';
import {
  enterAs,
  fakePeer,
  messagesTo,
  questionFrame,
  relayRig,
  requestFor,
  runsTo,
  updateFrame,
} from '../support/relay-rig.ts';
import { REMARK, SIZE, served, tokenFor } from '../support/relay-world.ts';

describe('what a relay lets wait', () => {
  /** Offers two records in two updates that say how long they are. */
  async function offered(seed: string, lengths: readonly number[]) {
    const { rig, realm, log } = await served(seed);
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
    const first = await served('early');
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
    equal(counts.read().get('time_refused_total')?.get('busy'), 1);
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
