import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const LEASEHOLD = fileURLToPath(new URL('../../../dist/leasehold.cjs', import.meta.url));

describe('a command whose standard output takes no more', () => {
  let full: FileHandle;

  before(async () => {
    full = await open('/dev/full', 'w');
  });

  after(() => full.close());

  async function run(args: readonly string[], stdout: number | 'pipe') {
    const child = spawn(process.execPath, [LEASEHOLD, ...args], { stdio: ['ignore', stdout, 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      stderr += piece;
    });
    // Its reader has gone before the first line comes.
    child.stdout?.destroy();
    const [code] = await once(child, 'close');
    return { code, stderr };
  }

  it('ends with a sentence and 1 when the disk is full', async () => {
    const { code, stderr } = await run(['registry', 'schema'], full.fd);
    assert.equal(stderr, '✗ standard output cannot be written: ENOSPC: no space left on device, write\n');
    assert.equal(code, 1);
  });

  it('tells a program so in its own form', async () => {
    const { code, stderr } = await run(['registry', 'schema', '--json'], full.fd);
    assert.equal(JSON.parse(stderr).error.code, 'FILE_UNWRITABLE');
    assert.equal(code, 1);
  });

  it('says nothing when its reader has seen enough', async () => {
    assert.deepEqual(await run(['registry', 'schema'], 'pipe'), { code: 0, stderr: '' });
  });
});
