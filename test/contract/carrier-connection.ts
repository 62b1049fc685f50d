import assert from 'node:assert/strict';
import { openWebsocketCarrier } from '../../core/adapters/carrier-websocket.ts';
import { guardedSocket } from '../../core/adapters/guarded-socket.ts';
import { isFault } from '../../core/errors.ts';
import { CLOSE_CODES } from '../../core/wire/close-codes.ts';
import { bareRelay } from '../support/bare-relay.ts';
import { carrierRig, FIRST, MARK, ROOM } from '../support/carrier-rig.ts';
import { queue } from '../support/queue.ts';

describe('the connection of the WebSocket carrier', () => {
  const rig = carrierRig();

  const badFrames: readonly (readonly [why: string, data: Uint8Array | string])[] = [
    ['a text', 'hello'],
    ['a text whose bytes would be a message', '\x03'],
    ['no byte', new Uint8Array(0)],
    ['an unknown type', Uint8Array.of(77, 0)],
    ["y-websocket's auth message", Uint8Array.of(2, 0, 0)],
    ['a body cut short', Uint8Array.of(0, 2, 9, 1)],
    ['a byte too many', Uint8Array.of(0, 2, 1, 1, 1)],
    ['a frame over the bound', new Uint8Array(101)],
  ];
  for (const [why, data] of badFrames) {
    it(`closes on a bad frame, takes nothing more from that connection, and comes back: ${why}`, async () => {
      const connection = await rig.connect({ maxFrameBytes: 100 });
      connection.sendRaw(data);
      connection.send({ type: 'update', update: FIRST });
      await connection.closed;
      assert.equal((await rig.statuses.take()).state, 'disconnected');
      await rig.relay.connections.take();
      assert.deepEqual(await rig.statuses.take(), { state: 'connected' });
      assert.deepEqual(rig.events.rest(), []);
    });
  }

  it('gives up a connection whose relay does not read, and comes back', async () => {
    const connection = await rig.connect({ maxWaitingBytes: 10 });
    rig.carrier.update(FIRST);
    assert.equal(await connection.closed, 1000);
    assert.deepEqual(connection.frames.rest(), []);
    assert.equal(rig.carrier.counts.stalls, 1);
    await rig.relay.connections.take();
  });

  it('counts bad frames', async () => {
    const connection = await rig.connect();
    connection.sendRaw('one');
    connection.sendRaw('two on the same connection');
    await connection.closed;
    const again = await rig.relay.connections.take();
    again.sendRaw('three');
    await again.closed;
    assert.equal(rig.carrier.counts.badFrames, 2);
  });

  it('comes back after 45xx and after a cut, and says why it was away', async () => {
    const connection = await rig.connect();
    connection.close(CLOSE_CODES['shutting-down'].code, 'shutting down');
    assert.deepEqual(await rig.statuses.take(), {
      state: 'disconnected',
      detail: 'close code 4503: shutting down',
    });
    const second = await rig.relay.connections.take();
    assert.deepEqual(await rig.statuses.take(), { state: 'connected' });
    second.cut();
    assert.deepEqual(await rig.statuses.take(), { state: 'disconnected', detail: 'close code 1006' });
    await rig.relay.connections.take();
    assert.deepEqual(await rig.statuses.take(), { state: 'connected' });
  });

  it('takes 44xx as final', async () => {
    const connection = await rig.connect();
    connection.close(CLOSE_CODES['unknown-room'].code, 'no such room');
    assert.equal((await rig.statuses.take()).state, 'disconnected');
    assert.deepEqual(await rig.statuses.take(), { state: 'refused', code: 4404, reason: 'no such room' });
  });

  it('sends nothing while it is not connected', async () => {
    rig.open();
    rig.carrier.update(FIRST);
    const connection = await rig.relay.connections.take();
    assert.equal((await connection.frames.take()).type, 'step1');
    assert.deepEqual(await rig.statuses.take(), { state: 'connected' });
    rig.carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('says why no connection came up, and goes on trying', async () => {
    const { url } = rig.relay;
    await rig.relay.close();
    rig.open({ url });
    for (let i = 0; i < 2; i++) {
      const status = await rig.statuses.take();
      assert(status.state === 'disconnected');
      assert.match(status.detail ?? '', /ECONNREFUSED/);
    }
    rig.relay = await bareRelay();
  });

  it('refuses an address that is not a WebSocket one', () => {
    rig.open();
    for (const url of ['http://127.0.0.1', 'relay.example', '']) {
      assert.throws(
        () => openWebsocketCarrier({ url, room: ROOM }, rig.listener),
        (error) => isFault(error, 'RELAY_UNREACHABLE'),
      );
    }
  });

  it('closes in an orderly way, without a farewell, and is silent afterwards', async () => {
    const connection = await rig.connect();
    const [code] = await Promise.all([connection.closed, rig.carrier.close(), rig.carrier.close()]);
    assert.equal(code, 1000);
    rig.carrier.update(FIRST);
    assert.deepEqual(connection.frames.rest(), []);
    assert.deepEqual(rig.statuses.rest(), []);
  });

  it('closes while it is still connecting', async () => {
    rig.open();
    await rig.carrier.close();
    assert.deepEqual(rig.statuses.rest(), []);
  });
});

describe('the guarded socket', () => {
  it('takes a ping for a sign of life, so that y-websocket does not leave a quiet room', async () => {
    const relay = await bareRelay();
    const heard = queue<number>();
    const Socket = guardedSocket({
      maxBytes: 100,
      ca: undefined,
      admit: () => true,
      refused: () => undefined,
      heard: (at) => heard.put(at),
    });
    const socket = new Socket(relay.url);
    const connection = await relay.connections.take();
    connection.ping();
    assert.equal(typeof (await heard.take()), 'number');
    socket.close();
    await connection.closed;
    await relay.close();
  });
});
