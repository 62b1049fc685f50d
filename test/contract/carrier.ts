import assert from 'node:assert/strict';
import * as Y from 'yjs';
import {
  openWebsocketCarrier,
  type WebsocketCarrier,
  type WebsocketCarrierOptions,
} from '../../core/adapters/carrier-websocket.ts';
import { guardedSocket } from '../../core/adapters/guarded-socket.ts';
import { isFault } from '../../core/errors.ts';
import type { CarrierEvents, CarrierStatus } from '../../core/ports.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { CLOSE_CODES } from '../../core/wire/close-codes.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import type { Message } from '../../core/wire/sync.ts';
import { type BareConnection, type BareRelay, bareRelay } from '../support/bare-relay.ts';
import { type Queue, queue } from '../support/queue.ts';
import { log, pushPlain } from '../support/yjs-logs.ts';

type Event =
  | { readonly event: 'update' | 'stateVector' | 'presence'; readonly bytes: Uint8Array }
  | { readonly event: 'message'; readonly type: number; readonly bytes: Uint8Array };

const ROOM = `${'ab'.repeat(32)}.0`;
const BODY = Uint8Array.of(1, 2, 3);
const RECORDS = [Uint8Array.of(1), Uint8Array.of(2, 2)];
const FIRST = encodeAppend([{ log: log(7), from: 0, records: RECORDS }]);
const NEXT = encodeAppend([{ log: log(7), from: 2, records: [BODY] }]);
const MARK: Message = { type: 'notice', body: Uint8Array.of(99) };

describe('the WebSocket carrier', () => {
  let relay: BareRelay;
  let carrier: WebsocketCarrier;
  let events: Queue<Event>;
  let statuses: Queue<CarrierStatus>;

  beforeEach(async () => {
    relay = await bareRelay();
    events = queue();
    statuses = queue();
  });
  afterEach(async () => {
    await carrier.close();
    await relay.close();
  });

  function listener(): CarrierEvents {
    return {
      update: (bytes) => events.put({ event: 'update', bytes: new Uint8Array(bytes) }),
      stateVector: (bytes) => events.put({ event: 'stateVector', bytes: new Uint8Array(bytes) }),
      message: (type, bytes) => events.put({ event: 'message', type, bytes: new Uint8Array(bytes) }),
      presence: (bytes) => events.put({ event: 'presence', bytes: new Uint8Array(bytes) }),
      status: (status) => statuses.put(status),
    };
  }

  function open(options: Partial<WebsocketCarrierOptions> = {}): void {
    carrier = openWebsocketCarrier({ url: relay.url, room: ROOM, ...options }, listener());
  }

  /** Opens, and takes the frame that y-websocket sends first. */
  async function connect(options: Partial<WebsocketCarrierOptions> = {}): Promise<BareConnection> {
    open(options);
    const connection = await relay.connections.take();
    assert.equal((await connection.frames.take()).type, 'step1');
    assert.deepEqual(await statuses.take(), { state: 'connected' });
    return connection;
  }

  it('asks for the room with its parameters', async () => {
    const connection = await connect({ params: { token: 'a b&c' } });
    assert.equal(connection.target, `/v1/sync/${ROOM}?token=a%20b%26c`);
  });

  it('asks on connecting for what its cache lacks', async () => {
    open();
    carrier.cache(FIRST);
    const connection = await relay.connections.take();
    const stateVector = encodeStateVector(new Map([[log(7), 2]]));
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector });
  });

  it('asks from the document that it is given', async () => {
    const doc = new Y.Doc();
    pushPlain(doc, log(9), RECORDS);
    open({ doc });
    const connection = await relay.connections.take();
    const stateVector = encodeStateVector(new Map([[log(9), 2]]));
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector });
  });

  it('hands on what the relay sends, in order and as received', async () => {
    const connection = await connect();
    connection.send({ type: 'step2', update: FIRST });
    connection.send({ type: 'step1', stateVector: BODY });
    connection.send({ type: 'update', update: BODY });
    connection.send({ type: 'hello', body: BODY });
    connection.send({ type: 'time', body: BODY });
    connection.send({ type: 'notice', body: BODY });
    assert.deepEqual(
      [
        await events.take(),
        await events.take(),
        await events.take(),
        await events.take(),
        await events.take(),
        await events.take(),
      ],
      [
        { event: 'update', bytes: FIRST },
        { event: 'stateVector', bytes: BODY },
        { event: 'update', bytes: BODY },
        { event: 'message', type: 100, bytes: BODY },
        { event: 'message', type: 101, bytes: BODY },
        { event: 'message', type: 102, bytes: BODY },
      ],
    );
  });

  it('is synced after the first step 2, once', async () => {
    const connection = await connect();
    connection.send({ type: 'update', update: FIRST });
    connection.send({ type: 'step2', update: FIRST });
    connection.send({ type: 'step2', update: FIRST });
    for (let i = 0; i < 3; i++) await events.take();
    assert.deepEqual(statuses.rest(), [{ state: 'synced' }]);
  });

  it('does not let a relay write to the document: not by updates, nor empty it by deletions', async () => {
    const connection = await connect();
    carrier.cache(FIRST);
    const before = Y.encodeStateAsUpdate(carrier.doc);
    connection.send({ type: 'step2', update: NEXT });
    connection.send({ type: 'update', update: Uint8Array.of(0, 1, 7, 1, 0, 2) });
    await events.take();
    await events.take();
    assert.deepEqual(Y.encodeStateAsUpdate(carrier.doc), before);
  });

  it('answers no step 1 by itself, since only the ledger knows what may be sent', async () => {
    const connection = await connect();
    carrier.cache(FIRST);
    connection.send({ type: 'step1', stateVector: Uint8Array.of(0) });
    await events.take();
    carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('hands on presence, says what it is told to, and answers no question for it', async () => {
    const connection = await connect();
    const states = Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d);
    connection.send({ type: 'query-awareness' });
    connection.send({ type: 'awareness', states });
    assert.deepEqual(await events.take(), { event: 'presence', bytes: states });
    carrier.presence(states);
    assert.deepEqual(await connection.frames.take(), { type: 'awareness', states });
  });

  it('sends updates, questions and messages of ours', async () => {
    const connection = await connect();
    carrier.update(FIRST);
    carrier.ask(BODY);
    carrier.message(100, BODY);
    carrier.message(101, BODY);
    assert.deepEqual(await connection.frames.take(), { type: 'update', update: FIRST });
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector: BODY });
    assert.deepEqual(await connection.frames.take(), { type: 'hello', body: BODY });
    assert.deepEqual(await connection.frames.take(), { type: 'time', body: BODY });
    assert.throws(() => carrier.message(1, BODY), RangeError);
  });

  it('sends nothing for what goes into the cache, nor for a stray edit of the document', async () => {
    const connection = await connect();
    carrier.cache(FIRST);
    carrier.doc.getMap('stray').set('edit', 1);
    carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('keeps in its cache what a plain peer would hold, byte for byte', async () => {
    await connect();
    const other = encodeAppend([{ log: log(300), from: 0, records: RECORDS }]);
    for (const bytes of [FIRST, other, FIRST, NEXT]) carrier.cache(bytes);
    const plain = new Y.Doc();
    pushPlain(plain, log(300), RECORDS);
    pushPlain(plain, log(7), [...RECORDS, BODY]);
    assert.deepEqual(Y.encodeStateAsUpdate(carrier.doc), Y.encodeStateAsUpdate(plain));
  });

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
      const connection = await connect({ maxFrameBytes: 100 });
      connection.sendRaw(data);
      connection.send({ type: 'update', update: FIRST });
      await connection.closed;
      assert.equal((await statuses.take()).state, 'disconnected');
      await relay.connections.take();
      assert.deepEqual(await statuses.take(), { state: 'connected' });
      assert.deepEqual(events.rest(), []);
    });
  }

  it('gives up a connection whose relay does not read, and comes back', async () => {
    const connection = await connect({ maxWaitingBytes: 10 });
    carrier.update(FIRST);
    assert.equal(await connection.closed, 1000);
    assert.deepEqual(connection.frames.rest(), []);
    assert.equal(carrier.counts.stalls, 1);
    await relay.connections.take();
  });

  it('counts bad frames', async () => {
    const connection = await connect();
    connection.sendRaw('one');
    connection.sendRaw('two on the same connection');
    await connection.closed;
    const again = await relay.connections.take();
    again.sendRaw('three');
    await again.closed;
    assert.equal(carrier.counts.badFrames, 2);
  });

  it('comes back after 45xx and after a cut, and says why it was away', async () => {
    const connection = await connect();
    connection.close(CLOSE_CODES['shutting-down'].code, 'shutting down');
    assert.deepEqual(await statuses.take(), {
      state: 'disconnected',
      detail: 'close code 4503: shutting down',
    });
    const second = await relay.connections.take();
    assert.deepEqual(await statuses.take(), { state: 'connected' });
    second.cut();
    assert.deepEqual(await statuses.take(), { state: 'disconnected', detail: 'close code 1006' });
    await relay.connections.take();
    assert.deepEqual(await statuses.take(), { state: 'connected' });
  });

  it('takes 44xx as final', async () => {
    const connection = await connect();
    connection.close(CLOSE_CODES['unknown-room'].code, 'no such room');
    assert.equal((await statuses.take()).state, 'disconnected');
    assert.deepEqual(await statuses.take(), { state: 'refused', code: 4404, reason: 'no such room' });
  });

  it('sends nothing while it is not connected', async () => {
    open();
    carrier.update(FIRST);
    const connection = await relay.connections.take();
    assert.equal((await connection.frames.take()).type, 'step1');
    assert.deepEqual(await statuses.take(), { state: 'connected' });
    carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('says why no connection came up, and goes on trying', async () => {
    const { url } = relay;
    await relay.close();
    open({ url });
    for (let i = 0; i < 2; i++) {
      const status = await statuses.take();
      assert(status.state === 'disconnected');
      assert.match(status.detail ?? '', /ECONNREFUSED/);
    }
    relay = await bareRelay();
  });

  it('refuses an address that is not a WebSocket one', () => {
    open();
    for (const url of ['http://127.0.0.1', 'relay.example', '']) {
      assert.throws(
        () => openWebsocketCarrier({ url, room: ROOM }, listener()),
        (error) => isFault(error, 'RELAY_UNREACHABLE'),
      );
    }
  });

  it('closes in an orderly way, without a farewell, and is silent afterwards', async () => {
    const connection = await connect();
    const [code] = await Promise.all([connection.closed, carrier.close(), carrier.close()]);
    assert.equal(code, 1000);
    carrier.update(FIRST);
    assert.deepEqual(connection.frames.rest(), []);
    assert.deepEqual(statuses.rest(), []);
  });

  it('closes while it is still connecting', async () => {
    open();
    await carrier.close();
    assert.deepEqual(statuses.rest(), []);
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
