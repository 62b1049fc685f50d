import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeAtomically } from '../../core/adapters/atomic-file.ts';
import { isFault } from '../../core/errors.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('a file that is written atomically', () => {
  it('has its text, mode 600, and nothing beside it', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 'new/f.json');
      await writeAtomically(path, 'one');
      await writeAtomically(path, 'two');
      assert.equal(await readFile(path, 'utf8'), 'two');
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal((await stat(join(directory, 'new'))).mode & 0o777, 0o700);
      assert.deepEqual(await readdir(join(directory, 'new')), ['f.json']);
    }));

  it('takes mode 600 even when the old file was open to all', () =>
    withTempDir(async (directory) => {
      await writeFile(join(directory, 'f'), 'old', { mode: 0o666 });
      await writeAtomically(join(directory, 'f'), 'new');
      assert.equal((await stat(join(directory, 'f'))).mode & 0o777, 0o600);
    }));

  it('leaves no draft behind when it cannot take its place', () =>
    withTempDir(async (directory) => {
      await mkdir(join(directory, 'f/full'), { recursive: true });
      await assert.rejects(writeAtomically(join(directory, 'f'), 'text'), (error) => isFault(error));
      assert.deepEqual(await readdir(directory), ['f']);
    }));

  it('is STORE_UNWRITABLE below a file', () =>
    withTempDir(async (directory) => {
      await writeFile(join(directory, 'f'), '');
      await assert.rejects(writeAtomically(join(directory, 'f/g'), ''), (error) =>
        isFault(error, 'STORE_UNWRITABLE'),
      );
    }));

  it('reads as null where there is none, and as FILE_UNREADABLE where it is a directory', () =>
    withTempDir(async (directory) => {
      assert.equal(await readIfThere(join(directory, 'f')), null);
      await assert.rejects(readIfThere(directory), (error) => isFault(error, 'FILE_UNREADABLE'));
    }));
});
