import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { parseInvitation } from '../../core/agent/invitation.ts';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { parseRecoveryKey } from '../../core/agent/recovery-key.ts';
import type { Knock } from '../../core/cli/knock.ts';
import { main } from '../../core/cli/main.ts';
import { Fault } from '../../core/errors.ts';
import type { PublicKey } from '../../core/units.ts';
import { fakeAgent, QUIET, RELAY } from '../support/fake-agent.ts';
import { fakeIo, ran, run, type Setting, until } from '../support/fake-io.ts';
import { at, INIT, invitationTo } from '../support/founding.ts';
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

  const refused: readonly [why: string, words: string[], setting: Setting, exit: number][] = [
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

describe('invite and join', () => {
  it('hand over one line, which makes a newcomer of another directory', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const line = await invitationTo(root);
      assert.match(line, /^leasehold-invite:1:[\w-]+$/);
      const there = { ...at(root), dataDir: join(root, 'there'), files: { '/inv': `${line}\n` } };
      const { code, err, out } = await run('join /inv', there);
      assert.equal(code, 0, err);
      assert.equal(out, '✓ Joined Fern Lab as host ws-02\n');
      const file = await readRealmFile(join(root, 'there'));
      assert.equal(file?.principal, 'ws-02');
      assert.equal(file?.realm, (await readRealmFile(join(root, 'data')))?.realm);
    }));

  const ends: readonly [why: string, change: Partial<StatusReport>, exit: number, said: RegExp][] = [
    [
      'an invitation that another host has used',
      { join: { state: 'refused', reason: 'invitation-used', text: 'this invitation was already used' } },
      5,
      /already used/,
    ],
    [
      'an invitation that no relay knows',
      {
        join: { state: 'refused', reason: 'invitation-unknown', text: 'the relay knows no such invitation' },
      },
      3,
      /no such invitation/,
    ],
    [
      'an invitation to a realm that the relay does not serve',
      { join: { state: 'refused', reason: 'relay-refuses', text: 'the relay does not serve this room' } },
      4,
      /does not serve this room/,
    ],
  ];
  for (const [why, change, exit, said] of ends) {
    it(`refuse ${why} with ${exit}, and leave no directory behind`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const files = { '/inv': await invitationTo(root) };
        const agent = fakeAgent({ status: () => ({ ...QUIET, ...change }) });
        const { code, err, out } = await run('join /inv', {
          ...{ ...at(root), dataDir: join(root, 'there'), files, agent },
        });
        assert.deepEqual([code, out], [exit, '']);
        assert.match(err, said);
        assert.deepEqual(agent.asked, ['status', 'stop']);
        assert.deepEqual((await readdir(root)).sort(), ['data']);
      }));
  }

  const unsent: readonly [why: string, setting: () => Setting, said: RegExp][] = [
    [
      'the relay is down',
      () => ({
        agent: fakeAgent({
          status: () => ({
            ...{ ...QUIET, join: { state: 'waiting' } },
            relay: { ...RELAY, url: 'wss://r.example', state: 'disconnected', detail: 'ECONNREFUSED' },
          }),
        }),
      }),
      /Nobody else has heard of it: wss:\/\/r\.example cannot be reached: ECONNREFUSED/,
    ],
    ['the agent cannot be started', () => ({ agent: new Fault('DISK_FULL') }), /no space is left/],
  ];
  for (const [why, setting, said] of unsent) {
    it(`join though ${why}, and say that nobody has heard of it`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const files = { '/inv': await invitationTo(root) };
        const there = { ...at(root), dataDir: join(root, 'there'), files, ...setting() };
        const { code, err, out } = await run('join /inv --json', there);
        const talk = await run('join /inv', { ...there, dataDir: join(root, 'elsewhere') });
        assert.deepEqual([code, JSON.parse(out).data.sent, err], [0, false, '']);
        assert.match(talk.err, said);
        assert.equal((await readRealmFile(join(root, 'there')))?.principal, 'ws-02');
      }));
  }

  it('join after a time without an answer, and say so', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const files = { '/inv': await invitationTo(root) };
      const agent = fakeAgent({ status: () => ({ ...QUIET, join: { state: 'waiting' } }) });
      const io = fakeIo({ ...at(root), dataDir: join(root, 'there'), files, agent });
      const joining = ran(io, main('join /inv --timeout 3s'.split(' '), io));
      await until(() => io.timers.some(({ span }) => span === 3));
      io.timers.find(({ span }) => span === 3)?.fire();
      const { code, err } = await joining;
      assert.equal(code, 0);
      assert.match(err, /no relay has answered in time/);
    }));

  it('warn of an open invitation for the same host, which the new one replaces', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const answer = { ok: true, kind: 'recorded', log: 1 as never, seq: 1, replaces: [2 as never] } as const;
      const { err } = await run('invite host ws-02', at(root, { agent: fakeAgent({}, () => answer) }));
      assert.match(err, /ws-02 has 1 open invitation already: only the newest counts/);
    }));

  it('have the issuer sign what the line says, and not its secret', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const agent = fakeAgent({}, () => ({ ok: true, kind: 'recorded', log: 1 as never, seq: 1 }));
      const { out } = await run(
        'invite person ben --name Ben --role editor,issuer --valid 2d --json',
        at(root, { agent }),
      );
      const { data } = JSON.parse(out);
      const parsed = parseInvitation(data.invitation);
      assert.ok(parsed.ok);
      const [command] = agent.commands;
      assert.ok(command?.do === 'invite');
      const { seed, ...open } = parsed.value;
      assert.deepEqual(
        { ...command, do: undefined },
        {
          do: undefined,
          log: open.log,
          key: open.key,
          kind: 'person',
          id: 'ben',
          name: 'Ben',
          class: null,
          roles: ['editor', 'issuer'],
          until: (QUIET.time.upper ?? 0) + 172_800,
        },
      );
      assert.ok(!JSON.stringify(command).includes(Buffer.from(seed).toString('hex')));
    }));

  it('do not tell a newcomer what the relay asks of founders', () =>
    withTempDir(async (root) => {
      const words = ['--relay', 'wss://r.example', '--register-token-file', '/t', '--relay-token-file', '/u'];
      await run([...INIT, ...words], at(root, { files: { '/t': 'founders only', '/u': 'readers' } }));
      const line = await invitationTo(root);
      const parsed = parseInvitation(line);
      assert.deepEqual(parsed.ok && parsed.value.relays, [
        { url: 'wss://r.example', key: null, token: 'readers' },
      ]);
      assert.ok(!Buffer.from(line.split(':')[2] ?? '', 'base64url').includes('founders only'));
    }));

  it('sign nothing in a dry run', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const agent = fakeAgent();
      assert.equal((await run('invite host ws-02 -n', at(root, { agent }))).code, 0);
      assert.deepEqual(agent.commands, []);
    }));

  const slips: readonly [why: string, line: string, setting: Setting, exit: number][] = [
    ['an invitation as a word, where everybody can see it', 'join leasehold-invite:1:abc', {}, 2],
    ['a text that is no invitation', 'join -', { stdin: 'hello' }, 1],
    ['a damaged invitation', 'join -', { stdin: 'leasehold-invite:1:oWFh' }, 1],
    ['a file that is not there', 'join /inv', {}, 3],
    ['an invitation from where there is no realm', 'invite host ws-02', {}, 4],
    ['an invitation that is over at once', 'invite host ws-02 --valid 0s', {}, 2],
    ['an invitation that nobody could carry over in time', 'invite host ws-02 --valid 59s', {}, 2],
    ['a role that is none', 'invite host ws-02 --role king', {}, 4],
  ];
  for (const [why, line, setting, exit] of slips) {
    it(`refuse ${why} with ${exit}`, () =>
      withTempDir(async (root) => assert.equal((await run(line, at(root, setting))).code, exit)));
  }
});
