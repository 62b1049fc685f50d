import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTempDir } from '../support/temp-dir.ts';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const reporter = fileURLToPath(new URL('../support/reporter.js', import.meta.url));

describe('the reporter', () => {
  for (const [why, spec, last, status] of [
    ['all pass', "it('a', () => {}); it('b', () => {});", '2 passed, 0 failed, 0 skipped', 0],
    [
      'one fails',
      "it('a', () => {}); it('b', () => { throw new Error('b'); });",
      '1 passed, 1 failed, 0 skipped',
      1,
    ],
    ['one is skipped', "it('a', () => {}); it.skip('b', () => {});", '1 passed, 0 failed, 1 skipped', 0],
    [
      'a hook fails',
      "before(() => { throw new Error('h'); }); it('a', () => {});",
      '0 passed, 1 failed, 0 skipped',
      1,
    ],
  ] as const) {
    it(`ends with "${last}" and exit code ${status} when ${why}`, () =>
      withTempDir(async (directory) => {
        const file = join(directory, 'spec.cjs');
        await writeFile(file, spec);
        const run = spawnSync(process.execPath, [mocha, '--no-config', '--reporter', reporter, file], {
          cwd: directory,
          encoding: 'utf8',
        });
        assert.equal(run.stdout.trimEnd().split('\n').at(-1), last);
        assert.equal(run.status, status);
      }));
  }
});
