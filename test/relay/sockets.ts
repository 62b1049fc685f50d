import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as Y from 'yjs';
import type { LogId } from '../../core/units.ts';
import type { RunningRelay } from '../../relay/compose.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';
import { dial, dialAs, roomUrl } from '../support/relay-client.ts';
import { addRealmTo, metricOf, newDirectory, spawnRelay, withRelay } from '../support/relay-server.ts';
import { REMARK, SIZE } from '../support/relay-world.ts';
import { stockClient } from '../support/stock-client.ts';

interface World {
  readonly realm: TestRealm;
  readonly relay: RunningRelay;
  readonly token: string;
  readonly log: LogId;
}

async function inWorld(
  seed: string,
  settings: Readonly<Record<string, unknown>>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const realm = await makeRealm(seed, SIZE);
  await withRelay(realm, settings, async (relay, token) => {
    const log = realm.logOf('host-1');
    const writer = await dialAs(relay.port, realm, realm.logOf('issuer-1'));
    writer.offer(...realm.runs());
    await writer.confirmed(log, 1);
    writer.socket.close();
    await writer.closed;
    await work({ realm, relay, token, log });
  });
}

async function lengthOf(doc: Y.Doc, log: LogId, length: number): Promise<void> {
  while (doc.getArray(String(log)).length < length)
    await new Promise((resolve) => doc.once('update', resolve));
}

describe('a relay over sockets', () => {
  it('is followed by a stock y-websocket client that has the read token', async () => {
    await inWorld('stock', {}, async (world) => {
      const { realm, log, relay, token } = world;
      const client = stockClient(relay.port, realm.id, token);
      const { doc } = client;
      await client.synced();
      for (const { log: each, records } of realm.runs()) {
        deepEqual(
          doc
            .getArray<readonly Uint8Array[]>(String(each))
            .toArray()
            .map(([bytes]) => bytes),
          records,
        );
      }
      const writer = await dialAs(relay.port, realm, log);
      await realm.append(log, 'heads', REMARK);
      writer.offer(realm.run(log, 1));
      await lengthOf(doc, log, 2);
      client.end();
      writer.socket.close();
    });
  });

  it('sends a stock client away that deletes everything, and keeps every record', async () => {
    await inWorld('vandal', {}, async (world) => {
      const { realm, relay, token } = world;
      const vandal = stockClient(relay.port, realm.id, token);
      await vandal.synced();
      const closed = new Promise<number>((resolve) =>
        vandal.provider.once('connection-close', (event) =>
          resolve((event as unknown as { code: number }).code),
        ),
      );
      vandal.doc.transact(() => {
        for (const { log } of realm.runs()) {
          const array = vandal.doc.getArray(String(log));
          array.delete(0, array.length);
        }
      });
      equal(await closed, 4422);
      vandal.end();
      equal(await metricOf(relay, 'leasehold_relay_message_rejected_total{reason="delete-set"}'), 1);
      const reader = stockClient(relay.port, realm.id, token);
      await reader.synced();
      for (const { log, records } of realm.runs()) {
        equal(reader.doc.getArray(String(log)).length, records.length);
      }
      reader.end();
    });
  });

  it('refuses a record that its author did not sign', async () => {
    await inWorld('forger', {}, async ({ realm, relay, log }) => {
      const forger = await dialAs(relay.port, realm, realm.logOf('host-2'));
      const record = (await realm.append(log, 'heads', REMARK)).slice();
      record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
      forger.offer({ log, from: 1, records: [record] });
      await forger.until(({ type }) => type === 'notice');
      deepEqual(forger.notices(), [{ code: 'refused-record', log, seq: 1, text: 'bad-signature' }]);
      forger.socket.close();
    });
  });

  it('closes with 4404 where no room of this name is served', async () => {
    await inWorld('nowhere', {}, async ({ relay }) => {
      equal(await (await dial(roomUrl(relay.port, 'f'.repeat(64)))).closed, 4404);
      equal(await (await dial(roomUrl(relay.port, 'no-room'))).closed, 4404);
    });
  });

  it('has room for so many connections from one address and no more', async () => {
    await inWorld('crowd', { 'max-peers-per-address': 1 }, async ({ realm, relay, log }) => {
      const first = await dialAs(relay.port, realm, log);
      equal(await (await dial(roomUrl(relay.port, realm.id))).closed, 4513);
      await first.until(({ type }) => type === 'step2');
      first.socket.close();
      await first.closed;
    });
  });

  const attacks: readonly [name: string, bytes: Buffer][] = [
    ['an unmasked frame', Buffer.from([0x82, 0x03, 1, 2, 3])],
    ['a frame that says it has 2^60 bytes', Buffer.from([0x82, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a reserved opcode', Buffer.from([0x8f, 0x80, 0, 0, 0, 0])],
    ['bytes that are no frame', Buffer.alloc(64, 0xff)],
  ];
  for (const [name, bytes] of attacks) {
    it(`outlives ${name}`, async () => {
      await inWorld(`raw ${name}`, {}, async ({ realm, relay, log }) => {
        const raw = connect(relay.port, '127.0.0.1');
        const head = [
          `GET /v1/sync/${realm.id} HTTP/1.1`,
          ...['Host: relay', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ];
        raw.write(`${head.join('\r\n')}\r\n\r\n`);
        await once(raw, 'data');
        raw.on('error', () => undefined);
        raw.resume();
        raw.write(bytes);
        await once(raw, 'close');
        const survivor = await dialAs(relay.port, realm, log);
        await survivor.until(({ type }) => type === 'step2');
        survivor.socket.close();
      });
    });
  }

  it('outlives a frame that is longer than it takes', async () => {
    await inWorld('long', {}, async ({ realm, relay, log }) => {
      const long = await dialAs(relay.port, realm, log);
      long.send(new Uint8Array(3 * 1024 * 1024));
      ok((await long.closed) >= 1000);
      const survivor = await dialAs(relay.port, realm, log);
      await survivor.until(({ type }) => type === 'step2');
      survivor.socket.close();
    });
  });

  it('cuts a reader that does not read, and goes on with the others', async () => {
    const settings = { 'max-queue-bytes': 65536 };
    await inWorld('slow', settings, async ({ realm, relay, log }) => {
      const writer = await dialAs(relay.port, realm, log);
      const slow = await dialAs(relay.port, realm, realm.logOf('host-2'));
      await slow.until(({ type }) => type === 'step2');
      slow.socket.pause();
      const big = new Map([['data', new Uint8Array(15_000)]]);
      const cut = 'leasehold_relay_peer_disconnects_total{reason="slow-reader"}';
      let next = 1;
      while ((await metricOf(relay, cut)) === 0) {
        const from = next;
        for (let i = 0; i < 60; i++, next++) await realm.appendRaw(log, 'x-filler', big);
        writer.offer(realm.run(log, from));
        await writer.confirmed(log, next);
      }
      slow.socket.resume();
      ok([1006, 4508].includes(await slow.closed));
      writer.socket.close();
    });
  });

  it('answers a reader that pauses in the middle of a long answer, and leaves nothing out', async () => {
    await inWorld('pause', {}, async ({ realm, relay, log }) => {
      const writer = await dialAs(relay.port, realm, log);
      const big = new Map([['data', new Uint8Array(15_000)]]);
      for (let i = 0; i < 800; i++) await realm.appendRaw(log, 'x-filler', big);
      for (let from = 1; from <= 800; from += 50) {
        const { records } = realm.run(log, from);
        writer.offer({ log, from, records: records.slice(0, 50) });
      }
      await writer.confirmed(log, 801);
      const reader = await dialAs(relay.port, realm, realm.logOf('host-2'));
      await reader.until(({ type }) => type === 'update');
      reader.socket.pause();
      await realm.append(log, 'heads', REMARK);
      writer.offer(realm.run(log, 801));
      await writer.confirmed(log, 802);
      reader.socket.resume();
      await reader.until(({ type }) => type === 'step2');
      let next = 0;
      for (const run of reader.runs()) {
        if (run.log !== log) continue;
        equal(run.from, next);
        next += run.records.length;
      }
      equal(next, 802);
      for (const client of [reader, writer]) client.socket.close();
    });
  });

  it('loses nothing that it confirmed when it is killed in the middle of writing', async () => {
    const directory = await newDirectory();
    try {
      const realm = await makeRealm('killed', SIZE);
      await addRealmTo(directory.path, realm);
      const log = realm.logOf('host-1');
      let kept = 0;
      for (let round = 0; round < 3; round++) {
        const relay = await spawnRelay(directory.path);
        const writer = await dialAs(relay.port, realm, realm.logOf('issuer-1'));
        await writer.until(({ type }) => type === 'step2');
        writer.offer(...realm.runs());
        await writer.confirmed(log, kept);
        for (let i = 0; i < 100; i++) await realm.append(log, 'heads', REMARK);
        const { from, records } = realm.run(log, kept);
        for (const [i, record] of records.entries()) writer.offer({ log, from: from + i, records: [record] });
        await writer.confirmed(log, kept + 1 + round * 20);
        equal(await relay.end('SIGKILL'), 'SIGKILL');
        await writer.closed;
        kept = Math.max(...writer.notices().map((notice) => headIn(notice, log)));
      }
      const relay = await spawnRelay(directory.path);
      const reader = await dialAs(relay.port, realm, realm.logOf('issuer-1'));
      const answer = await reader.until(({ type }) => type === 'step2');
      const doc = new Y.Doc();
      if (answer.type === 'step2') Y.applyUpdate(doc, answer.update);
      const held = doc
        .getArray<readonly Uint8Array[]>(String(log))
        .toArray()
        .map(([bytes]) => bytes);
      ok(held.length >= kept, `expected ${kept} records, got ${held.length}`);
      deepEqual(held, realm.run(log).records.slice(0, held.length));
      const leaving = reader.closed;
      equal(await relay.end('SIGTERM'), 0);
      equal(await leaving, 4503);
    } finally {
      await directory.remove();
    }
  });
});

function headIn(
  notice: { readonly code: string; readonly heads?: ReadonlyMap<LogId, number> },
  log: LogId,
): number {
  return notice.heads?.get(log) ?? 0;
}
