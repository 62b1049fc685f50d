import { equal } from 'node:assert/strict';
import { encodeMessage } from '../../core/wire/sync.ts';
import { makeRealm } from '../support/realm.ts';
import { dial, roomUrl, sayHello } from '../support/relay-client.ts';
import { newDirectory, startRelayIn } from '../support/relay-server.ts';

describe('a founder who brings a realm to a new relay', () => {
  it('is not taken for a flooding stranger, however long the realm’s history is', async () => {
    const directory = await newDirectory();
    const relay = await startRelayIn(directory.path, { policy: 'open' });
    const realm = await makeRealm('history', { hosts: 1, issuers: 1, voters: 1 });
    const log = realm.logOf('host-1');
    const big = new Map([['data', new Uint8Array(15_000)]]);
    for (let i = 0; i < 800; i++) await realm.appendRaw(log, 'x-filler', big);
    const { records } = realm.run(log);
    const founder = await dial(roomUrl(relay.port, realm.id));
    await sayHello(founder, realm, realm.logOf('issuer-1'));
    founder.offer(realm.run(realm.logOf('issuer-1')), { log, from: 0, records: records.slice(0, 1) });
    for (let from = 1; from <= 800; from += 40) {
      founder.offer({ log, from, records: records.slice(from, from + 40) });
    }
    founder.send(encodeMessage({ type: 'query-awareness' }));
    await founder.confirmed(log, 801);
    founder.socket.close();
    equal(await founder.closed, 1005);
    await relay.stop();
    await directory.remove();
  });
});
