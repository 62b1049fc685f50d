import assert from 'node:assert/strict';
import { groupCommit } from '../../core/adapters/group-commit.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import type { LogId } from '../../core/units.ts';
import { levelWritesOf } from '../support/observed-level.ts';
import { makeRealm } from '../support/realm.ts';
import { dialAs } from '../support/relay-client.ts';
import { addRealmTo, startRelayIn } from '../support/relay-server.ts';
import { withTempDir } from '../support/temp-dir.ts';

const BATCHED = { by: '_write', sync: true };

describe('what LevelDB is told of every write: the disk first, then the answer', () => {
  for (const [name, wrap] of [
    ['the store', (store: Awaited<ReturnType<typeof openLevelStore>>) => store],
    ['the store with group commit, as agents and relays have it', groupCommit],
  ] as const) {
    it(`by ${name}`, () =>
      withTempDir(async (directory) => {
        const writes = await levelWritesOf(async () => {
          const store = wrap(await openLevelStore(directory));
          await store.batch([{ key: 'a', value: Uint8Array.of(1) }]);
          await store.batch([{ key: 'a', value: null }]);
          await store.batch([]);
          await store.close();
        });
        assert.deepEqual(writes[0], { by: '_put', sync: true });
        assert.deepEqual(writes.slice(1, 3), [BATCHED, BATCHED]);
        assert.deepEqual(
          writes.filter(({ sync }) => !sync),
          [],
        );
      }));
  }

  it('by a relay, from its keys on to the records that it confirms', () =>
    withTempDir(async (directory) => {
      const realm = await makeRealm('synced', { hosts: 1, issuers: 1, voters: 1 });
      const log = realm.logOf('host-1');
      const writes = await levelWritesOf(async () => {
        await addRealmTo(directory, realm);
        const relay = await startRelayIn(directory);
        const writer = await dialAs(relay.port, realm, realm.logOf('issuer-1'));
        writer.offer(...realm.runs());
        await writer.confirmed(log, 1);
        await realm.append(log, 'heads', { whole: true, next: new Map<LogId, number>() });
        writer.offer(realm.run(log, 1));
        await writer.confirmed(log, 2);
        await relay.stop();
      });
      assert(writes.filter(({ by }) => by === '_write').length >= 3);
      assert.deepEqual(
        writes.filter(({ sync }) => !sync),
        [],
      );
    }));
});
