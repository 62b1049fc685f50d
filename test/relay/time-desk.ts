import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { seconds } from '../../core/units.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import { decodeResponse } from '../../core/wire/roughtime-response.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { timeMark } from '../../relay/time-mark.ts';
import { makeRealm } from '../support/realm.ts';
import { dialAs } from '../support/relay-client.ts';
import { addRealmTo, newDirectory, startRelayIn } from '../support/relay-server.ts';

const request = (fill: number) =>
  encodeRequest({ versions: [1], nonce: new Uint8Array(32).fill(fill), server: null });

describe('the time that a relay signs', () => {
  it('goes over the sync connection, with the newest configuration signed along', async () => {
    const directory = await newDirectory();
    const realm = await makeRealm('timed', { hosts: 1, issuers: 1, voters: 1 });
    await addRealmTo(directory.path, realm);
    const relay = await startRelayIn(directory.path);
    const peer = await dialAs(relay.port, realm, realm.logOf('issuer-1'));
    peer.send(encodeMessage({ type: 'time', body: request(7) }));
    const answer = await peer.until(({ type }) => type === 'time');
    const response = answer.type === 'time' ? decodeResponse(answer.body) : null;
    ok(response?.ok);
    deepEqual(response.value.nonce, new Uint8Array(32).fill(7));
    deepEqual(response.value.signed.head, { generation: 0, version: 1, digest: realm.id });
    const page = `http://127.0.0.1:${relay.port}/v1/time`;
    const posted = await fetch(page, { method: 'POST', body: request(8) });
    ok(decodeResponse(new Uint8Array(await posted.arrayBuffer())).ok);
    equal((await fetch(page, { method: 'POST', body: 'nonsense' })).status, 400);
    await relay.stop();
    ok(Number(await readFile(join(directory.path, 'time-mark'), 'utf8')) > 1_700_000_000);
    await directory.remove();
  });

  it('does not go backwards when the store is restored from a backup', async () => {
    const directory = await newDirectory();
    const path = join(directory.path, 'time-mark');
    const store = memoryStore();
    await timeMark(store, path).save(seconds(100));
    const backup = store.snapshot();
    await timeMark(store, path).save(seconds(200));
    equal(await timeMark(memoryStore(backup), path).load(), 200);
    await writeFile(path, '100\n');
    equal(await timeMark(store, path).load(), 200);
    await directory.remove();
  });
});
