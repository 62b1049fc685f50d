import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Door, knock } from '../../core/cli/knock.ts';
import { systemFiles } from '../../core/cli/system-files.ts';
import { type Hash, type PublicKey, seconds } from '../../core/units.ts';
import { bareRelay } from '../support/bare-relay.ts';
import { liveRelay } from '../support/live-relay.ts';
import { withTempDir } from '../support/temp-dir.ts';

const PATIENCE = seconds(10);

function doorAt(url: string, change: Partial<Door> = {}): Door {
  return { url, room: 'ab'.repeat(32) as Hash, key: null, token: null, register: null, ...change };
}

describe('knocking at a relay', () => {
  it('finds one that answers, and whether it is the one of the key', () =>
    withTempDir(async (root) => {
      const relay = await liveRelay(join(root, 'relay'));
      try {
        assert.deepEqual(await knock(doorAt(relay.url, { key: relay.key }), PATIENCE), { kind: 'answers' });
        const other = 'cd'.repeat(32) as PublicKey;
        assert.deepEqual(await knock(doorAt(relay.url, { key: other }), PATIENCE), {
          ...{ kind: 'other-key', key: relay.key },
        });
      } finally {
        await relay.stop();
      }
    }));

  it('does not take for an answer that something refuses', async () => {
    const relay = await bareRelay();
    const found = knock(doorAt(relay.url), PATIENCE);
    (await relay.connections.take()).close(4404, 'no');
    assert.deepEqual(await found, { kind: 'refuses', why: 'the relay does not serve this room' });
    await relay.close();
  });

  it('does not take for an answer that something listens and says nothing', async () => {
    const relay = await bareRelay();
    const found = await knock(doorAt(relay.url), seconds(0.05));
    assert.deepEqual(found, { kind: 'silent', why: 'no answer' });
    await relay.close();
  });

  it('finds nobody where nobody listens, and where there is no address', async () => {
    const relay = await bareRelay();
    await relay.close();
    const [gone, none] = await Promise.all([relay.url, 'nowhere'].map((url) => knock(doorAt(url), PATIENCE)));
    assert.deepEqual([gone?.kind, none?.kind], ['silent', 'silent']);
    assert.match(gone?.kind === 'silent' ? gone.why : '', /ECONNREFUSED/);
  });
});

describe('trying a directory out', () => {
  it('leaves nothing behind where it can be written', () =>
    withTempDir(async (directory) => {
      assert.equal(await systemFiles.tryOut(directory), null);
      assert.deepEqual(await readdir(directory), []);
    }));

  it('gives the fault where it cannot', () =>
    withTempDir(async (directory) => {
      const fault = await systemFiles.tryOut(join(directory, 'nothing'));
      assert.equal(fault?.code, 'STORE_UNWRITABLE');
    }));
});

describe('writing a file', () => {
  it('makes no directory, and says which one is missing', () =>
    withTempDir(async (directory) => {
      const path = join(directory, 'nothing', 'file');
      await assert.rejects(
        systemFiles.write(path, 'x', { secret: false }),
        /a file cannot be written: there is no/,
      );
      assert.deepEqual(await readdir(directory), []);
    }));
});
