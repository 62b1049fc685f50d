import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../core/cli/bundle.js', import.meta.url));

describe('packing again', () => {
  it('leaves what runs from an earlier packing every file that it may ask for, whole', async () => {
    const before = await files();
    const packing = spawn(process.execPath, [BUNDLE], { stdio: 'inherit' });
    const ended = once(packing, 'exit');
    while (packing.exitCode === null && packing.signalCode === null) assert.deepEqual(await files(), before);
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(await files(), before);
  });
});

/** Each file with its length; one that goes while it is read fails the reading. */
async function files(): Promise<readonly (readonly [string, number])[]> {
  const names = (await readdir(DIST, { recursive: true })).filter((name) => name.includes('.cjs')).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${DIST}${name}`)));
  return names.map((name, at) => [name, texts[at]?.length ?? 0]);
}
