import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { claimSpawn } from '../../core/agent/spawn.ts';
import { withTempDir } from '../support/temp-dir.ts';

const DAY = 86_400_000;

/** Runs the work as a process whose clock is so many milliseconds off that of the files. */
async function withClockOff(by: number, work: () => Promise<void>): Promise<void> {
  const { now } = Date;
  Date.now = () => now() + by;
  try {
    await work();
  } finally {
    Date.now = now;
  }
}

describe('whoever wants to start an agent', () => {
  for (const by of [-400 * DAY, 0, 400 * DAY]) {
    it(`is the only one for a while, with a clock that is ${by / DAY} days off`, () =>
      withTempDir((directory) =>
        withClockOff(by, async () => {
          const claims = await Promise.all(Array.from({ length: 10 }, () => claimSpawn(directory)));
          assert.equal(claims.filter((claimed) => claimed).length, 1);
          assert.equal(await claimSpawn(directory), false);
          assert.equal((await readdir(directory)).length, 1);
        }),
      ));
  }

  it('may when the mark of another is old, or of the future', () =>
    withTempDir(async (directory) => {
      assert.equal(await claimSpawn(directory), true);
      for (const by of [-10, 10]) {
        const at = Date.now() / 1000 + by;
        await utimes(dataPaths(directory).spawning, at, at);
        assert.equal(await claimSpawn(directory), true);
      }
    }));
});
