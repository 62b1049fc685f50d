import assert from 'node:assert/strict';
import { join } from 'node:path';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { parseInvitation } from '../../core/agent/invitation.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { parseRecoveryKey } from '../../core/agent/recovery-key.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { run, type Setting } from '../support/fake-io.ts';
import { withTempDir } from '../support/temp-dir.ts';

const KEY = 'ab'.repeat(32);
const INIT = ['init', 'Fern Lab', '--host', 'lab-3', '--recovery-file', '/keys'];

/** A machine whose directories are below one that goes away. */
function at(root: string, setting: Setting = {}): Setting {
  return {
    ...setting,
    dataDir: join(root, 'data'),
    env: { ...setting.env, LEASEHOLD_STATE_DIR: join(root, 'state') },
  };
}

async function invitationTo(root: string, line = 'invite host ws-02 --role voter'): Promise<string> {
  const agent = fakeAgent({}, () => ({ ok: true, kind: 'recorded', log: 1 as never, seq: 1 }));
  const { code, err, out } = await run(line, at(root, { agent }));
  assert.equal(code, 0, err);
  return out.trim();
}

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
        const { code, err } = await run(words, at(root, setting));
        assert.equal(code, exit, err);
        assert.equal(await readRealmFile(join(root, 'data')), null);
      }));
  }

  it('refuses a second realm in one directory', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const { code, err } = await run([...INIT.slice(0, 4), '--recovery-file', '-', '--json'], at(root));
      assert.equal(code, 5);
      assert.equal(JSON.parse(err).error.code, 'ALREADY_A_MEMBER');
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
          until: (QUIET.time.lower ?? 0) + 172_800,
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
    ['a role that is none', 'invite host ws-02 --role king', {}, 4],
  ];
  for (const [why, line, setting, exit] of slips) {
    it(`refuse ${why} with ${exit}`, () =>
      withTempDir(async (root) => assert.equal((await run(line, at(root, setting))).code, exit)));
  }
});

describe('leave', () => {
  it('takes the id as a yes, stops the agent, and deletes the key', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const agent = fakeAgent();
      const { code, err } = await run('leave --confirm=lab-3', at(root, { agent }));
      assert.equal(code, 0, err);
      assert.ok(agent.asked.includes('stop'));
      assert.equal(await readRealmFile(join(root, 'data')), null);
      assert.deepEqual(await listIdentities(join(root, 'data')), []);
    }));

  const kept: readonly [why: string, line: string, setting: Setting, exit: number][] = [
    ['nobody confirms', 'leave', {}, 2],
    ['--yes alone is given, which is too little for this', 'leave --yes', {}, 2],
    ['another id is given', 'leave --confirm=ws-01', {}, 2],
    ['another id is typed', 'leave', { tty: true, answers: ['ws-01'] }, 2],
    ['it is a dry run', 'leave -n', {}, 0],
    [
      'the agent has leases',
      'leave --confirm=lab-3',
      { agent: fakeAgent({ stop: () => ({ stopping: false, reason: '1 lease is open' }) }) },
      5,
    ],
  ];
  for (const [why, line, setting, exit] of kept) {
    it(`deletes nothing when ${why}`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        assert.equal((await run(line, at(root, setting))).code, exit);
        assert.equal((await readRealmFile(join(root, 'data')))?.principal, 'lab-3');
      }));
  }
});

describe('identity', () => {
  it('shows the keys and not their secrets', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const { out } = await run('identity show --json', at(root));
      const { data } = JSON.parse(out);
      assert.equal(data.principal, 'lab-3');
      assert.deepEqual(Object.keys(data.keys[0]), ['key', 'log', 'protection', 'createdAt', 'current']);
      assert.equal(data.keys[0].current, true);
    }));

  it('exports a key under a passphrase only', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      assert.equal((await run('identity export', at(root))).code, 2);
      const { code, err, out } = await run(
        'identity export --export-passphrase-file -',
        at(root, { stdin: 'carry it\n' }),
      );
      assert.equal(code, 0, err);
      assert.equal(JSON.parse(out).container.protection.kind, 'passphrase');
    }));

  it('rotates to the log of an invitation for the same principal', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const before = await readRealmFile(join(root, 'data'));
      const line = await invitationTo(root, 'invite host lab-3');
      const { code, err } = await run('identity rotate - --yes', at(root, { stdin: line }));
      assert.equal(code, 0, err);
      const after = await readRealmFile(join(root, 'data'));
      assert.equal(after?.realm, before?.realm);
      assert.notEqual(after?.log, before?.log);
      assert.notEqual(after?.key, before?.key);
    }));

  it('keeps the key when the invitation is for somebody else', () =>
    withTempDir(async (root) => {
      await run(INIT, at(root));
      const line = await invitationTo(root, 'invite host ws-02');
      assert.equal((await run('identity rotate - --yes', at(root, { stdin: line }))).code, 5);
      assert.equal((await listIdentities(join(root, 'data'))).length, 1);
    }));
});

describe('revoke', () => {
  it('wants a reason and the id again', async () => {
    const agent = fakeAgent({}, () => ({ ok: true, kind: 'recorded', log: 7 as never, seq: 3 }));
    assert.equal((await run('revoke ws-02 --confirm=ws-02', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen --yes', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen --confirm=ws-02 -n', { agent })).code, 0);
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('revoke ws-02 --reason stolen --confirm=ws-02', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'revoke', principal: 'ws-02', reason: 'stolen' }]);
  });
});

describe('agent', () => {
  it('is told of whether it runs, without being started', async () => {
    const { Fault } = await import('../../core/errors.ts');
    const { code, io, out } = await run('agent status', { agent: new Fault('AGENT_UNAVAILABLE') });
    assert.equal(code, 9);
    assert.match(out, /^Not running/);
    assert.deepEqual(
      io.connected.map(({ spawn }) => spawn),
      [false],
    );
    assert.equal((await run('agent status')).out, 'Running, pid 4711, version 0.1.0, 3 clients, on-demand\n');
  });

  it('stops unless it has leases', async () => {
    const busy = fakeAgent({ stop: () => ({ stopping: false, reason: '2 leases are open' }) });
    assert.equal((await run('agent stop')).code, 0);
    const { code, err } = await run('agent stop', { agent: busy });
    assert.equal(code, 5);
    assert.match(err, /2 leases are open/);
  });

  it('shows the end of its log', async () => {
    const files = { '/data/agent.log': 'one\ntwo\nthree\n' };
    assert.equal((await run('agent logs --lines 2', { files })).out, 'two\nthree\n');
    assert.equal((await run('agent logs')).code, 3);
  });
});
