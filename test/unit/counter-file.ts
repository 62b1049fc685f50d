import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counterFile } from '../../core/adapters/counter-file.ts';
import { isFault } from '../../core/errors.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { withTempDir } from '../support/temp-dir.ts';

const realm = 'ab'.repeat(32) as Hash;
const other = 'cd'.repeat(32) as Hash;
const log = (n: number) => n as LogId;

describe('the counter of own heads', () => {
  it('is 0 before the first record', () =>
    withTempDir(async (directory) => assert.equal(await counterFile(directory, realm).read(log(1)), 0)));

  it('is what was kept, for each realm and log, after a restart', () =>
    withTempDir(async (directory) => {
      const counter = counterFile(directory, realm);
      await counter.raise(log(1), 5);
      await counter.raise(log(2), 7);
      await counterFile(directory, other).raise(log(1), 9);
      const again = counterFile(directory, realm);
      assert.deepEqual([await again.read(log(1)), await again.read(log(2))], [5, 7]);
      assert.equal(await counterFile(directory, other).read(log(1)), 9);
    }));

  it('never goes back, not after a restart either', () =>
    withTempDir(async (directory) => {
      const counter = counterFile(directory, realm);
      await counter.raise(log(1), 5);
      await counter.raise(log(1), 3);
      assert.equal(await counter.read(log(1)), 5);
      const again = counterFile(directory, realm);
      await again.raise(log(1), 4);
      assert.equal(await again.read(log(1)), 5);
    }));

  it('has each number on disk when the call resolves, and shares writes between calls', () =>
    withTempDir(async (directory) => {
      const counter = counterFile(directory, realm);
      const calls = Array.from({ length: 100 }, async (_, n) => {
        await counter.raise(log(1), n + 1);
        assert.ok(Number(await readFile(join(directory, realm, '1.next'), 'utf8')) >= n + 1);
      });
      await Promise.all(calls);
      assert.equal(await counter.read(log(1)), 100);
      assert.deepEqual(await readdir(join(directory, realm)), ['1.next']);
    }));

  for (const text of ['', '5', 'five\n', '-1\n', '05\n', '1e3\n', `${'9'.repeat(20)}\n`]) {
    it(`says FILE_UNREADABLE for ${JSON.stringify(text)}, rather than start again at 0`, () =>
      withTempDir(async (directory) => {
        const counter = counterFile(directory, realm);
        await counter.raise(log(1), 5);
        await writeFile(join(directory, realm, '1.next'), text);
        await assert.rejects(counter.read(log(1)), (error) => isFault(error, 'FILE_UNREADABLE'));
        await assert.rejects(counterFile(directory, realm).raise(log(1), 6), (error) =>
          isFault(error, 'FILE_UNREADABLE'),
        );
      }));
  }
});
