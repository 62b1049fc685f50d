import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { parseRecoveryKey } from '../../core/agent/recovery-key.ts';
import type { Knock } from '../../core/cli/knock.ts';
import { main } from '../../core/cli/main.ts';
import { Fault } from '../../core/errors.ts';
import type { PublicKey } from '../../core/units.ts';
import { fakeIo, ran, run, type Setting } from '../support/fake-io.ts';
import { at, INIT } from '../support/founding.ts';
import { withTempDir } from '../support/temp-dir.ts';

const KEY = 'ab'.repeat(32);

describe('init', () => {
  it('founds a realm, and puts the recovery keys where it is told and nowhere else', () =>
    withTempDir(async (root) => {
      const { code, err, io, out } = await run(INIT, at(root));
      assert.equal(code, 0, err);
      const file = await readRealmFile(join(root, 'data'));
      assert.equal(file?.principal, 'lab-3');
      assert.match(out, new RegExp(`✓ Founded ${file?.realm}`));
      const kept = io.written.get('/keys');
      assert.equal(kept?.secret, true);
      const keys = kept?.text.trim().split('\n') ?? [];
      assert.equal(keys.length, 3);
      for (const key of keys) assert.ok(parseRecoveryKey(key).ok);
      assert.ok(!out.includes('leasehold-recovery:'));
    }));

  it('starts the agent, so that the relay learns of it', () =>
    withTempDir(async (root) => {
      const { io } = await run(INIT, at(root));
      assert.deepEqual(
        io.connected.map(({ spawn }) => spawn),
        [true],
      );
    }));

  it('knows the relay with its key and tokens', () =>
    withTempDir(async (root) => {
      const words = [
        '--relay',
        'wss://r.example',
        '--relay-key',
        KEY,
        '--relay-token-file',
        '/t',
        '--register-token-file',
        '-',
      ];
      await run([...INIT, ...words], at(root, { files: { '/t': 'read me\n' }, stdin: 'register me\n' }));
      const file = await readRealmFile(join(root, 'data'));
      assert.deepEqual(file?.relays, [
        { url: 'wss://r.example', key: KEY, token: 'read me', register: 'register me' },
      ]);
    }));

  it('shows the recovery keys once on a terminal', () =>
    withTempDir(async (root) => {
      const { code, io, out } = await run(INIT.slice(0, 4), at(root, { tty: true }));
      assert.equal(code, 0);
      assert.equal(out.match(/leasehold-recovery:1:/g)?.length, 3);
      assert.equal(io.written.size, 0);
    }));

  it('takes no relay that signs time under another key than it is told, and leaves nothing behind', () =>
    withTempDir(async (root) => {
      const words = [...INIT, '--relay', 'wss://r.example', '--relay-key', KEY];
      const knock = { kind: 'other-key', key: 'cd'.repeat(32) as PublicKey } as const;
      const { code, err, io } = await run(words, at(root, { knock }));
      assert.equal(code, 8);
      assert.match(err, /signs time under the key cdcd.*, not under abab/);
      assert.deepEqual([io.knocked[0]?.key, io.written.size], [KEY, 0]);
      assert.equal(await readRealmFile(join(root, 'data')), null);
    }));

  const doors: readonly [why: string, knock: Knock, said: RegExp][] = [
    ['cannot be reached', { kind: 'silent', why: 'ECONNREFUSED' }, /cannot be reached \(ECONNREFUSED\)/],
    ['has to be asked first', { kind: 'refuses', why: 'unknown' }, /leasehold-relay realm add/],
  ];
  for (const [why, knock, said] of doors) {
    it(`founds a realm though its relay ${why}, and says so`, () =>
      withTempDir(async (root) => {
        const words = [...INIT, '--relay', 'wss://r.example', '--relay-key', KEY];
        const { code, err } = await run(words, at(root, { knock }));
        assert.equal(code, 0);
        assert.match(err, said);
      }));
  }

  it('protects the key with a passphrase from a file', () =>
    withTempDir(async (root) => {
      const { err } = await run(
        [...INIT, '--passphrase-file', '/p'],
        at(root, { files: { '/p': 'long enough\n' } }),
      );
      assert.match(err, /LEASEHOLD_PASSPHRASE_FILE/);
      const [entry] = await listIdentities(join(root, 'data'));
      assert.equal(entry?.container.protection.kind, 'passphrase');
    }));

  const LONG = `/${'s'.repeat(129)}`;
  const refused: readonly [why: string, words: string[], setting: Setting, exit: number][] = [
    ['a socket that no agent could listen on', INIT, { env: { LEASEHOLD_AGENT_SOCKET: LONG } }, 9],
    ['the same in a dry run', [...INIT, '--dry-run', '--agent-socket', LONG], {}, 9],
    ['recovery keys that nobody would see', INIT.slice(0, 4), {}, 2],
    ['recovery keys over a file that is there', INIT, { files: { '/keys': 'old' } }, 5],
    ['recovery keys to where no directory is', [...INIT.slice(0, 4), '--recovery-file', '/none/keys'], {}, 1],
    ['a first record to where no directory is', [...INIT, '--genesis-file', '/none/genesis'], {}, 1],
    ['an answer to where no directory is', [...INIT, '-o', '/none/answer'], {}, 1],
    ['an id that is none', ['init', 'X', '--host', 'Lab 3', '--recovery-file', '-'], {}, 2],
    ['a threshold that nobody can reach', [...INIT, '--recovery-threshold', '9'], {}, 2],
    ['a class that is not there', [...INIT, '--class', 'submarine'], {}, 13],
    ['a relay that is no WebSocket', [...INIT, '--relay', 'https://r'], {}, 2],
    ['a key of no relay', [...INIT, '--relay-key', KEY], {}, 2],
    ['a file that is no registry', [...INIT, '--import', '/r'], { files: { '/r': 'nonsense: 1' } }, 1],
  ];
  for (const [why, words, setting, exit] of refused) {
    it(`refuses ${why} with ${exit}, and leaves nothing behind`, () =>
      withTempDir(async (root) => {
        const { code, err, io } = await run(words, at(root, setting));
        assert.equal(code, exit, err);
        assert.equal(await readRealmFile(join(root, 'data')), null);
        // Of the recovery keys, too: the next attempt is to find their place free.
        assert.equal(io.written.size, 0);
      }));
  }

  for (const where of ['/proc/leasehold', '/proc/leasehold/data', '/dev/null/data']) {
    it(`ends where no directory can be made, such as ${where}, and leaves no recovery file`, async () => {
      const { code, err, io } = await run(INIT, { dataDir: where });
      assert.equal(code, 1);
      assert.match(err, /the data directory cannot be written: /);
      assert.equal(io.written.size, 0);
    });
  }

  it('takes the place that an interrupted attempt left empty, and leaves one with keys to them', () =>
    withTempDir(async (root) => {
      const full = await run(INIT, at(root, { files: { '/keys': 'leasehold-recovery:1:…' } }));
      assert.equal(full.code, 5);
      assert.match(
        full.err,
        /\/keys is there already, and may hold the recovery keys of a realm\n {2}name another/,
      );
      const empty = await run(INIT, at(root, { files: { '/keys': '' } }));
      assert.equal(empty.code, 0, empty.err);
      assert.equal(empty.io.written.get('/keys')?.text.trim().split('\n').length, 3);
    }));

  it('founds no realm whose recovery keys could not be kept', () =>
    withTempDir(async (root) => {
      const io = fakeIo(at(root));
      const write: typeof io.files.write = (path, text, options) =>
        text === '' ? io.files.write(path, text, options) : Promise.reject(new Fault('DISK_FULL'));
      const { code } = await ran(io, main(INIT, { ...io, files: { ...io.files, write } }));
      assert.notEqual(code, 0);
      await assert.rejects(stat(join(root, 'data')), { code: 'ENOENT' });
      assert.equal(io.written.size, 0);
    }));

  it('refuses a second realm in one directory', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const { code, err } = await run([...INIT.slice(0, 4), '--recovery-file', '-', '--json'], at(root));
      assert.equal(code, 5);
      assert.equal(JSON.parse(err).error.code, 'ALREADY_A_MEMBER');
    }));

  it('says that the directory is taken, though an agent holds its lock', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const store = await openLevelStore(dataPaths(join(root, 'data')).store);
      try {
        assert.equal((await run([...INIT.slice(0, 4), '--recovery-file', '-'], at(root))).code, 5);
      } finally {
        await store.close();
      }
    }));

  const doomed: readonly [why: string, words: readonly string[], setting: Setting, exit: number][] = [
    ['a directory that takes no file', INIT, { trial: new Fault('STORE_UNWRITABLE') }, 1],
    ['recovery keys that nobody would see', INIT.slice(0, 4), {}, 2],
    ['a recovery file that is there', INIT, { files: { '/keys': 'old' } }, 5],
    ['a first record that is there', [...INIT, '--genesis-file', '/g'], { files: { '/g': 'old' } }, 5],
  ];
  for (const [why, words, setting, exit] of doomed) {
    it(`foresees in a dry run that ${why} would end it with ${exit}`, () =>
      withTempDir(async (root) => {
        const { code, out } = await run([...words, '-n'], at(root, setting));
        assert.deepEqual([code, out], [exit, '']);
      }));
  }

  it('foresees in a dry run that a directory belongs to a realm already', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      assert.equal((await run([...INIT, '-n'], at(root))).code, 5);
    }));

  it('does nothing in a dry run', () =>
    withTempDir(async (root) => {
      const { code, io, out } = await run([...INIT, '-n'], at(root));
      assert.equal(code, 0);
      assert.match(out, /Would found the realm Fern Lab/);
      assert.equal(await readRealmFile(join(root, 'data')), null);
      assert.equal(io.written.size, 0);
      assert.deepEqual(io.connected, []);
    }));
});
