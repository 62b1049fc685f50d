import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { encodeAppend } from '../../core/wire/append.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import { BODY, carrierRig, FIRST, MARK, NEXT, RECORDS, ROOM } from '../support/carrier-rig.ts';
import { log, pushPlain } from '../support/yjs-logs.ts';

describe('what the WebSocket carrier carries', () => {
  const rig = carrierRig();

  it('asks for the room with its parameters', async () => {
    const connection = await rig.connect({ params: { token: 'a b&c' } });
    assert.equal(connection.target, `/v1/sync/${ROOM}?token=a%20b%26c`);
  });

  it('asks on connecting for what its cache lacks', async () => {
    rig.open();
    rig.carrier.cache(FIRST);
    const connection = await rig.relay.connections.take();
    const stateVector = encodeStateVector(new Map([[log(7), 2]]));
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector });
  });

  it('asks from the document that it is given', async () => {
    const doc = new Y.Doc();
    pushPlain(doc, log(9), RECORDS);
    rig.open({ doc });
    const connection = await rig.relay.connections.take();
    const stateVector = encodeStateVector(new Map([[log(9), 2]]));
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector });
  });

  it('hands on what the relay sends, in order and as received', async () => {
    const connection = await rig.connect();
    connection.send({ type: 'step2', update: FIRST });
    connection.send({ type: 'step1', stateVector: BODY });
    connection.send({ type: 'update', update: BODY });
    connection.send({ type: 'hello', body: BODY });
    connection.send({ type: 'time', body: BODY });
    connection.send({ type: 'notice', body: BODY });
    assert.deepEqual(
      [
        await rig.events.take(),
        await rig.events.take(),
        await rig.events.take(),
        await rig.events.take(),
        await rig.events.take(),
        await rig.events.take(),
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
    const connection = await rig.connect();
    connection.send({ type: 'update', update: FIRST });
    connection.send({ type: 'step2', update: FIRST });
    connection.send({ type: 'step2', update: FIRST });
    for (let i = 0; i < 3; i++) await rig.events.take();
    assert.deepEqual(rig.statuses.rest(), [{ state: 'synced' }]);
  });

  it('does not let a relay write to the document: not by updates, nor empty it by deletions', async () => {
    const connection = await rig.connect();
    rig.carrier.cache(FIRST);
    const before = Y.encodeStateAsUpdate(rig.carrier.doc);
    connection.send({ type: 'step2', update: NEXT });
    connection.send({ type: 'update', update: Uint8Array.of(0, 1, 7, 1, 0, 2) });
    await rig.events.take();
    await rig.events.take();
    assert.deepEqual(Y.encodeStateAsUpdate(rig.carrier.doc), before);
  });

  it('answers no step 1 by itself, since only the ledger knows what may be sent', async () => {
    const connection = await rig.connect();
    rig.carrier.cache(FIRST);
    connection.send({ type: 'step1', stateVector: Uint8Array.of(0) });
    await rig.events.take();
    rig.carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('hands on presence, says what it is told to, and answers no question for it', async () => {
    const connection = await rig.connect();
    const states = Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d);
    connection.send({ type: 'query-awareness' });
    connection.send({ type: 'awareness', states });
    assert.deepEqual(await rig.events.take(), { event: 'presence', bytes: states });
    rig.carrier.presence(states);
    assert.deepEqual(await connection.frames.take(), { type: 'awareness', states });
  });

  it('sends updates, questions and messages of ours', async () => {
    const connection = await rig.connect();
    rig.carrier.update(FIRST);
    rig.carrier.ask(BODY);
    rig.carrier.message(100, BODY);
    rig.carrier.message(101, BODY);
    assert.deepEqual(await connection.frames.take(), { type: 'update', update: FIRST });
    assert.deepEqual(await connection.frames.take(), { type: 'step1', stateVector: BODY });
    assert.deepEqual(await connection.frames.take(), { type: 'hello', body: BODY });
    assert.deepEqual(await connection.frames.take(), { type: 'time', body: BODY });
    assert.throws(() => rig.carrier.message(1, BODY), RangeError);
  });

  it('sends nothing for what goes into the cache, nor for a stray edit of the document', async () => {
    const connection = await rig.connect();
    rig.carrier.cache(FIRST);
    rig.carrier.doc.getMap('stray').set('edit', 1);
    rig.carrier.message(102, Uint8Array.of(99));
    assert.deepEqual(await connection.frames.take(), MARK);
  });

  it('keeps in its cache what a plain peer would hold, byte for byte', async () => {
    await rig.connect();
    const other = encodeAppend([{ log: log(300), from: 0, records: RECORDS }]);
    for (const bytes of [FIRST, other, FIRST, NEXT]) rig.carrier.cache(bytes);
    const plain = new Y.Doc();
    pushPlain(plain, log(300), RECORDS);
    pushPlain(plain, log(7), [...RECORDS, BODY]);
    assert.deepEqual(Y.encodeStateAsUpdate(rig.carrier.doc), Y.encodeStateAsUpdate(plain));
  });
});
