import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withTempDir } from '../support/temp-dir.ts';

const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));

/** Asks a program that runs for a part by its name, as the files beside it do. */
const ASK = `const ask = require(process.argv[1]); console.log('part', ask('LATER').part);`;

describe('the parts of a program', () => {
  it('that a later build ships as files of their own are still found', () =>
    withTempDir(async (directory) => {
      const program = join(directory, 'leasehold.cjs');
      await cp(join(DIST, 'leasehold.cjs'), program);
      await mkdir(join(directory, 'leasehold'));
      await cp(join(DIST, 'leasehold'), join(directory, 'leasehold'), { recursive: true });
      await writeFile(join(directory, 'leasehold', 'LATER.cjs'), 'module.exports = { part: 42 };');
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', ASK, program, '--version']);
      assert.match(stdout, /^part 42$/m);
    }));
});
