import assert from 'node:assert/strict';
import { mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { storeFault } from '../../core/adapters/store-fault.ts';
import { openLevelStore, STORE_SCHEMA } from '../../core/adapters/store-level.ts';
import { Fault, type FaultCode, isFault } from '../../core/errors.ts';
import { withTempDir } from '../support/temp-dir.ts';

const opens = (directory: string, code: FaultCode) =>
  assert.rejects(openLevelStore(directory), (error) => isFault(error, code));

async function withRawDb(directory: string, work: (db: Level) => Promise<void>): Promise<void> {
  const db = new Level(directory);
  await db.open();
  await work(db);
  await db.close();
}

describe('the store on LevelDB', () => {
  it('makes its directory for this user alone, with those above it', () =>
    withTempDir(async (directory) => {
      const store = await openLevelStore(join(directory, 'a/b'));
      assert.equal((await stat(join(directory, 'a/b'))).mode & 0o777, 0o700);
      await store.close();
    }));

  it('says STORE_LOCKED while another has the directory open, and opens once it is closed', () =>
    withTempDir(async (directory) => {
      const first = await openLevelStore(directory);
      await opens(directory, 'STORE_LOCKED');
      await first.close();
      const second = await openLevelStore(directory);
      await second.close();
    }));

  it('says STORE_UNWRITABLE where a file is in the way', () =>
    withTempDir(async (directory) => {
      await writeFile(join(directory, 'file'), '');
      await opens(join(directory, 'file'), 'STORE_UNWRITABLE');
      await opens(join(directory, 'file/below'), 'STORE_UNWRITABLE');
    }));

  it('says STORE_NEWER for a directory of a later version, leaves it as it is and unlocked', () =>
    withTempDir(async (directory) => {
      await (await openLevelStore(directory)).close();
      await withRawDb(directory, (db) => db.put('\u0000schema', String(STORE_SCHEMA + 1)));
      await opens(directory, 'STORE_NEWER');
      await withRawDb(directory, async (db) => assert.equal(await db.get('\u0000schema'), '2'));
    }));

  for (const text of ['', '0', 'one', '1.5', '-1', '01']) {
    it(`says STORE_CORRUPT for the schema ${JSON.stringify(text)}`, () =>
      withTempDir(async (directory) => {
        await withRawDb(directory, (db) => db.put('\u0000schema', text));
        await opens(directory, 'STORE_CORRUPT');
      }));
  }

  it('says STORE_CORRUPT for a LevelDB of something else', () =>
    withTempDir(async (directory) => {
      await withRawDb(directory, (db) => db.put('cache', 'of a browser'));
      await opens(directory, 'STORE_CORRUPT');
    }));

  it('says STORE_CORRUPT when CURRENT names a manifest that is gone', () =>
    withTempDir(async (directory) => {
      await (await openLevelStore(directory)).close();
      await writeFile(join(directory, 'CURRENT'), 'MANIFEST-999999\n');
      await opens(directory, 'STORE_CORRUPT');
    }));

  it('says STORE_CORRUPT when the manifest was cut off', () =>
    withTempDir(async (directory) => {
      await (await openLevelStore(directory)).close();
      const manifest = (await readdir(directory)).find((name) => name.startsWith('MANIFEST'));
      await truncate(join(directory, manifest ?? ''), 0);
      await opens(directory, 'STORE_CORRUPT');
    }));

  it('keeps its own key out of every range', () =>
    withTempDir(async (directory) => {
      const store = await openLevelStore(directory);
      for await (const [key] of store.range({ from: '', to: '\u{10ffff}' })) assert.fail(`came ${key}`);
      await store.close();
    }));

  it('refuses a directory in place of the lock file as a fault', () =>
    withTempDir(async (directory) => {
      await mkdir(join(directory, 'LOCK'));
      await assert.rejects(openLevelStore(directory), (error) => isFault(error));
    }));
});

describe('the fault of a store error', () => {
  const coded = (code: string, message = 'm') => Object.assign(new Error(message), { code });
  const io = (message: string) =>
    Object.assign(new Error('Database failed to open', { cause: coded('LEVEL_IO_ERROR', message) }), {
      code: 'LEVEL_DATABASE_NOT_OPEN',
    });

  for (const [error, expected] of [
    [coded('EACCES'), 'STORE_UNWRITABLE'],
    [coded('EROFS'), 'STORE_UNWRITABLE'],
    [coded('EPERM'), 'STORE_UNWRITABLE'],
    [coded('ENOENT', 'ENOENT: no such file or directory, mkdir'), 'STORE_UNWRITABLE'],
    [io('IO error: /d/MANIFEST-000002: No such file or directory'), 'STORE_CORRUPT'],
    [coded('ENOSPC'), 'DISK_FULL'],
    [coded('EDQUOT'), 'DISK_FULL'],
    [io('IO error: /d/LOCK: Permission denied'), 'STORE_UNWRITABLE'],
    [io('IO error: /d/LOCK: Read-only file system'), 'STORE_UNWRITABLE'],
    [io('IO error: /d/000003.log: No space left on device'), 'DISK_FULL'],
    [io('IO error: /d/000003.log: Input/output error'), 'STORE_FAILED'],
    [coded('LEVEL_CORRUPTION', 'Corruption: block checksum mismatch'), 'STORE_CORRUPT'],
    [new Error('something new'), 'STORE_FAILED'],
    ['not even an error', 'STORE_FAILED'],
  ] as const) {
    const name = error instanceof Error ? ((error.cause as Error | undefined) ?? error) : error;
    it(`is ${expected} for ${String(name)} ${String(error instanceof Error && 'code' in error ? error.code : '')}`, () => {
      const fault = storeFault(error);
      assert.equal(fault.code, expected);
      assert.equal(fault.cause, error);
    });
  }

  it('leaves a fault as it is', () => {
    const fault = new Fault('STORE_NEWER');
    assert.equal(storeFault(fault), fault);
  });
});
