import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withTempDir } from '../support/temp-dir.ts';

const PROGRAMS = fileURLToPath(new URL('../../../dist/', import.meta.url));

describe('a command whose standard output takes no more', () => {
  let full: FileHandle;

  before(async () => {
    full = await open('/dev/full', 'w');
  });

  after(() => full.close());

  async function run(args: readonly string[], stdout: number | 'pipe', program = 'leasehold') {
    const child = spawn(process.execPath, [`${PROGRAMS}${program}.cjs`, ...args], {
      stdio: ['ignore', stdout, 'pipe'],
    });
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

  for (const args of [['version'], ['--help'], ['check', '--data-dir', '/nowhere', '--json']]) {
    it(`ends so as a command of the relay, ${args[0]}`, async () => {
      const { code, stderr } = await run(args, full.fd, 'leasehold-relay');
      assert.equal(stderr, 'standard output cannot be written: ENOSPC: no space left on device, write\n');
      assert.equal(code, 1);
    });

    it(`says nothing as a command of the relay, ${args[0]}, when its reader has seen enough`, async () => {
      assert.deepEqual(await run(args, 'pipe', 'leasehold-relay'), { code: 0, stderr: '' });
    });
  }

  it('ends a relay that cannot say where it listens', async () => {
    await withTempDir(async (path) => {
      const at = [
        '--data-dir',
        path,
        '--listen',
        '127.0.0.1:0',
        '--admin-listen',
        'off',
        '--log-level',
        'silent',
      ];
      const { code, stderr } = await run(['serve', ...at], full.fd, 'leasehold-relay');
      assert.equal(stderr, 'standard output cannot be written: ENOSPC: no space left on device, write\n');
      assert.equal(code, 1);
    });
  });

  it('ends a relay that cannot write its log when it is asked to end', async () => {
    await withTempDir(async (path) => {
      const args = ['serve', '--data-dir', path, '--listen', '127.0.0.1:0', '--admin-listen', 'off'];
      const child = spawn(process.execPath, [`${PROGRAMS}leasehold-relay.cjs`, ...args], {
        stdio: ['ignore', 'pipe', full.fd],
      });
      try {
        await once(child.stdout ?? child, 'data');
        child.kill('SIGTERM');
        assert.deepEqual(await once(child, 'exit'), [0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    });
  });
});
