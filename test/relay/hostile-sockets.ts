import { deepEqual, equal } from 'node:assert/strict';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { encodeMessage } from '../../core/wire/sync.ts';
import { storeDirectory } from '../../relay/compose.ts';
import { FORMS } from '../support/form-attacks.ts';
import { hostileScene } from '../support/hostile.ts';
import { RECORDS } from '../support/record-attacks.ts';
import { dialAs } from '../support/relay-client.ts';
import { addRealmTo, metricOf, newDirectory, startRelayIn } from '../support/relay-server.ts';

/** Everything on the disk of a relay that does not run. */
async function diskOf(directory: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const store = await openLevelStore(storeDirectory(directory));
  const disk = new Map<string, Uint8Array>();
  for await (const [key, value] of store.range({ from: '', to: '\u{10ffff}' })) disk.set(key, value);
  await store.close();
  return disk;
}

describe('what hostile peers send over sockets', () => {
  it('is refused by its reason, and leaves the disk of the relay as it was, to the byte', async () => {
    const directory = await newDirectory();
    const scene = await hostileScene('sockets');
    const { forked, realm, second } = scene;
    await addRealmTo(directory.path, realm);
    const first = await startRelayIn(directory.path);
    const founder = await dialAs(first.port, realm, realm.logOf('issuer-1'));
    founder.offer(...realm.runs());
    await founder.confirmed(scene.log, scene.next);
    founder.offer({ log: forked, from: 1, records: [second] });
    await founder.until(() => founder.notices().some(({ code }) => code === 'fork'));
    await first.stop();
    const before = await diskOf(directory.path);

    const relay = await startRelayIn(directory.path);
    for (const { make } of FORMS) {
      const peer = await dialAs(relay.port, realm, realm.logOf('host-2'));
      peer.send(encodeMessage({ type: 'update', update: await make(scene) }));
      equal(await peer.closed, 4422);
    }
    const peer = await dialAs(relay.port, realm, realm.logOf('host-2'));
    await peer.until(({ type }) => type === 'step2');
    for (const { make } of RECORDS) peer.send(encodeMessage({ type: 'update', update: await make(scene) }));
    peer.offer(realm.run(scene.log));
    await peer.confirmed(scene.log, scene.next);
    const expected = new Map<string, number>();
    for (const { relay: reason } of [...FORMS, ...RECORDS])
      expected.set(reason, (expected.get(reason) ?? 0) + 1);
    for (const [reason, count] of expected) {
      equal(
        await metricOf(relay, `leasehold_relay_message_rejected_total{reason="${reason}"}`),
        count,
        reason,
      );
    }
    peer.socket.close();
    await peer.closed;
    await relay.stop();
    deepEqual(await diskOf(directory.path), before);
    await directory.remove();
  });
});
