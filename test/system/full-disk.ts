import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../core/adapters/atomic-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { formatInvitation } from '../../core/agent/invitation.ts';
import { joinRealm } from '../../core/agent/realm-setup.ts';
import { type Fault, isFault } from '../../core/errors.ts';
import { fillUp, remount, withFileSystem } from '../support/file-system.ts';
import { invite, joinOptions } from '../support/realm-setup.ts';

const numbered = (n: number) => `k${String(n).padStart(6, '0')}`;

describe('a full disk', () => {
  it('is DISK_FULL, and all that was confirmed before is there once there is space', () =>
    withFileSystem('1m', async (directory) => {
      const store = await openLevelStore(join(directory, 'store'));
      let confirmed = 0;
      const fill = async (): Promise<never> => {
        for (;;) {
          await store.batch([{ key: numbered(confirmed), value: new Uint8Array(10_000).fill(confirmed) }]);
          confirmed++;
        }
      };
      const fault = await fill().catch((error: Fault) => error);
      assert.ok(isFault(fault, 'DISK_FULL'), String(fault));
      assert.ok(confirmed > 10);
      await store.close();

      remount(directory, 'size=8m');
      const again = await openLevelStore(join(directory, 'store'));
      for (let n = 0; n < confirmed; n++) {
        assert.deepEqual(await again.get(numbered(n)), new Uint8Array(10_000).fill(n), numbered(n));
      }
      await again.batch([{ key: 'after', value: Uint8Array.of(1) }]);
      await again.close();
    }));

  it('lets a store be read, and written again once there is space, without being opened by hand', () =>
    withFileSystem('32m', async (directory) => {
      const store = await openLevelStore(join(directory, 'store'));
      const free = await fillUp(directory);
      let confirmed = 0;
      const fault = await (async () => {
        for (;;) {
          await store.batch([{ key: numbered(confirmed), value: new Uint8Array(10_000) }]);
          confirmed++;
        }
      })().catch((error: Fault) => error);
      assert.ok(isFault(fault, 'DISK_FULL'), String(fault));
      const again = store.batch([{ key: 'again', value: Uint8Array.of(1) }]);
      await assert.rejects(again, (error) => isFault(error, 'DISK_FULL'));
      assert.equal(await store.get('again'), undefined);
      await free();
      await store.batch([{ key: 'after', value: Uint8Array.of(2) }]);
      await store.batch([{ key: 'then', value: Uint8Array.of(3) }]);
      await store.close();
      const anew = await openLevelStore(join(directory, 'store'));
      for (let n = 0; n < confirmed; n++) assert.ok(await anew.get(numbered(n)), numbered(n));
      assert.deepEqual(
        [await anew.get('after'), await anew.get('then')],
        [Uint8Array.of(2), Uint8Array.of(3)],
      );
      await anew.close();
    }));

  it('is DISK_FULL for a new store too', () =>
    withFileSystem('4k', (directory) =>
      assert.rejects(openLevelStore(join(directory, 'store')), (error) => isFault(error, 'DISK_FULL')),
    ));

  it('ends a join that leaves nothing behind', () =>
    withFileSystem('4k', (directory) =>
      invite().then(async ({ invitation }) => {
        const options = joinOptions(join(directory, 'data'), formatInvitation(invitation));
        await assert.rejects(joinRealm(options), (error) => isFault(error, 'DISK_FULL'));
        assert.deepEqual(await readdir(directory), []);
      }),
    ));

  it('leaves the old text of a file that is written atomically', () =>
    withFileSystem('64k', async (directory) => {
      const path = join(directory, 'f.json');
      await writeAtomically(path, 'old');
      await assert.rejects(writeAtomically(path, 'x'.repeat(100_000)), (error) =>
        isFault(error, 'DISK_FULL'),
      );
      assert.equal(await readFile(path, 'utf8'), 'old');
      await writeAtomically(path, 'new');
    }));
});

describe('a disk that cannot be written', () => {
  it('is STORE_UNWRITABLE for the store and for files', () =>
    withFileSystem('1m', async (directory) => {
      const store = await openLevelStore(join(directory, 'store'));
      await store.close();
      remount(directory, 'ro');
      const unwritable = (error: unknown) => isFault(error, 'STORE_UNWRITABLE');
      await assert.rejects(openLevelStore(join(directory, 'store')), unwritable);
      await assert.rejects(openLevelStore(join(directory, 'new')), unwritable);
      await assert.rejects(writeAtomically(join(directory, 'f'), ''), unwritable);
    }));
});
