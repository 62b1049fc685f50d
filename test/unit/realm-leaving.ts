import assert from 'node:assert/strict';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { formatInvitation } from '../../core/agent/invitation.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { joinRealm, leaveRealm } from '../../core/agent/realm-setup.ts';
import { isFault } from '../../core/errors.ts';
import { founded, invite, joinOptions } from '../support/realm-setup.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('leaving a realm', () => {
  it('takes away records and key, so that the directory can join anew under a new log', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const store = await openLevelStore(dataPaths(dir).store);
      await store.batch([{ key: 'lease/1', value: Uint8Array.of(1) }]);
      await store.close();
      assert.deepEqual(await leaveRealm(dir), { ok: true, value: file });
      assert.deepEqual(await listIdentities(dir), []);
      const joined = await joinRealm(joinOptions(dir, formatInvitation((await invite()).invitation)));
      assert.equal(joined.ok, true);
    }));

  it('says so where there is none', () =>
    withTempDir(async (dir) => {
      const left = await leaveRealm(dir);
      assert.equal(left.ok ? 'ok' : left.reason, 'not-a-member');
    }));

  it('does not touch a directory whose agent runs', () =>
    withTempDir(async (dir) => {
      const { file } = await founded(dir);
      const store = await openLevelStore(dataPaths(dir).store);
      await assert.rejects(leaveRealm(dir), (error) => isFault(error, 'STORE_LOCKED'));
      await store.close();
      assert.deepEqual(await readRealmFile(dir), file);
    }));
});
