import assert from 'node:assert/strict';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../core/adapters/make-directory.ts';
import { withTempDir } from '../support/temp-dir.ts';

describe('making a directory', () => {
  it('makes what is missing above it, for its owner alone, and leaves what is there', () =>
    withTempDir(async (root) => {
      const path = join(root, 'a', 'b', 'c');
      await makeDirectory(path);
      await makeDirectory(path);
      for (const made of [path, join(root, 'a')]) assert.equal((await stat(made)).mode & 0o777, 0o700);
    }));

  it('can be done by many at once', () =>
    withTempDir(async (root) => {
      const path = join(root, 'a', 'b', 'c');
      await Promise.all(Array.from({ length: 20 }, () => makeDirectory(path)));
      assert.ok((await stat(path)).isDirectory());
    }));

  it('ends in an error where something else has the name, or a link leads nowhere', () =>
    withTempDir(async (root) => {
      await writeFile(join(root, 'file'), '');
      await symlink(join(root, 'nowhere', 'at', 'all'), join(root, 'link'));
      await assert.rejects(makeDirectory(join(root, 'file')), { code: 'EEXIST' });
      await assert.rejects(makeDirectory(join(root, 'file', 'below')), { code: 'ENOTDIR' });
      await assert.rejects(makeDirectory(join(root, 'link')), { code: 'EEXIST' });
      await assert.rejects(makeDirectory(join(root, 'link', 'below')), { code: 'EEXIST' });
    }));
});
