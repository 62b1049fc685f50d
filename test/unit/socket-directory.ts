import assert from 'node:assert/strict';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectoryOf, prepareSocketDirectory } from '../../core/adapters/socket-directory.ts';
import { isFault } from '../../core/errors.ts';
import { withTempDir } from '../support/temp-dir.ts';

const uid = process.getuid?.() ?? 0;
const unsafe = (error: unknown) => isFault(error, 'SOCKET_UNSAFE');

describe('the directory of the agent socket', () => {
  it('is made for its user alone, and taken again', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 'd');
      await prepareSocketDirectory(path, uid);
      await prepareSocketDirectory(path, uid);
      assert.equal((await stat(path)).mode & 0o777, 0o700);
    }));

  it('is made for a socket whose place somebody chose, with all that is missing above it', () =>
    withTempDir(async (directory) => {
      await makeDirectoryOf(join(directory, 'a', 'b', 's'));
      assert.equal((await stat(join(directory, 'a', 'b'))).mode & 0o777, 0o700);
      await writeFile(join(directory, 'file'), '');
      await assert.rejects(makeDirectoryOf(join(directory, 'file', 's')), unsafe);
    }));

  it('is refused when it belongs to somebody else, who made it first in /tmp', () =>
    withTempDir(async (directory) => {
      await mkdir(join(directory, 'd'), { mode: 0o700 });
      await assert.rejects(prepareSocketDirectory(join(directory, 'd'), uid + 1), unsafe);
    }));

  it('is refused when it is a link, even to a directory of this user', () =>
    withTempDir(async (directory) => {
      await mkdir(join(directory, 'real'), { mode: 0o700 });
      await symlink(join(directory, 'real'), join(directory, 'd'));
      await assert.rejects(prepareSocketDirectory(join(directory, 'd'), uid), unsafe);
    }));

  it('is refused when it is a file', () =>
    withTempDir(async (directory) => {
      await writeFile(join(directory, 'd'), '', { mode: 0o600 });
      await assert.rejects(prepareSocketDirectory(join(directory, 'd'), uid), unsafe);
    }));

  for (const mode of [0o710, 0o701, 0o770, 0o777]) {
    it(`is refused when others may enter it (mode ${mode.toString(8)})`, () =>
      withTempDir(async (directory) => {
        await mkdir(join(directory, 'd'));
        await chmod(join(directory, 'd'), mode);
        await assert.rejects(prepareSocketDirectory(join(directory, 'd'), uid), unsafe);
      }));
  }

  it('is not made when the one above it is missing', () =>
    withTempDir((directory) => assert.rejects(prepareSocketDirectory(join(directory, 'a/b'), uid), unsafe)));
});
