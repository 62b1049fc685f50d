import assert from 'node:assert/strict';
import { join } from 'node:path';
import { remount, withFileSystem } from '../support/file-system.ts';
import { runRelay } from '../support/relay-server.ts';

describe('a data directory of a relay on a file system that is read only', () => {
  for (const [what, made] of [
    ['made before', true],
    ['not made yet', false],
  ] as const) {
    it(`fails the check, ${what}`, () =>
      withFileSystem('4m', async (directory) => {
        const at = ['--data-dir', join(directory, 'relay')];
        if (made) assert.equal((await runRelay(['init', ...at])).code, 0);
        remount(directory, 'ro');
        const { code, err } = await runRelay(['check', ...at]);
        assert.equal(code, 1);
        assert.match(err, /^the data directory cannot be written: .*read-only file system/i);
      }));
  }
});
