import assert from 'node:assert/strict';
import { join } from 'node:path';
import { listIdentities } from '../../core/adapters/identity-file.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { Fault } from '../../core/errors.ts';
import { fakeAgent } from '../support/fake-agent.ts';
import { run, type Setting } from '../support/fake-io.ts';
import { at, INIT, invitationTo } from '../support/founding.ts';
import { withTempDir } from '../support/temp-dir.ts';

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
      const { code, err, io } = await run('identity rotate - --yes', at(root, { stdin: line }));
      assert.equal(code, 0, err);
      // The agent that was stopped is of no use: another has to begin the new log.
      assert.deepEqual(
        io.connected.map(({ spawn }) => spawn),
        [false, true],
      );
      const after = await readRealmFile(join(root, 'data'));
      assert.equal(after?.realm, before?.realm);
      assert.notEqual(after?.log, before?.log);
      assert.notEqual(after?.key, before?.key);
    }));

  for (const [why, hosts, said] of [
    ['voters', { 'lab-3': ['voter'], 'ws-02': ['voter'] }, /one of 2 voters/],
    ['issuers', { 'lab-3': ['issuer'], 'ws-02': ['voter'] }, /one of 1 issuers/],
  ] as const) {
    it(`keeps the key where the realm could not go on without it: too few ${why} are left`, () =>
      withTempDir(async (root) => {
        await run(INIT, at(root));
        const line = await invitationTo(root, 'invite host lab-3');
        const members = Object.entries(hosts).map(([id, roles]) => [id, { roles, logs: { 7: 'aa' } }]);
        const registry = { hosts: Object.fromEntries(members), people: {}, policy: { issuers: 1, liars: 0 } };
        const agent = fakeAgent({ registry: () => ({ registry, base: 2 }) });
        for (const dry of ['', ' -n']) {
          const ended = await run(`identity rotate - --yes${dry}`, at(root, { stdin: line, agent }));
          assert.equal(ended.code, 13, ended.err);
          assert.match(ended.err, said);
        }
        assert.equal((await listIdentities(join(root, 'data'))).length, 1);
      }));
  }

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
    const agent = fakeAgent(voting('ws-01', 'ws-02', 'ws-03'), () => ({
      ...{ ok: true, kind: 'recorded', log: 7 as never, seq: 3 },
    }));
    assert.equal((await run('revoke ws-02 --confirm=ws-02', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen --yes', { agent })).code, 2);
    assert.equal((await run('revoke ws-02 --reason stolen --confirm=ws-02 -n', { agent })).code, 0);
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('revoke ws-02 --reason stolen --confirm=ws-02', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'revoke', principal: 'ws-02', reason: 'stolen' }]);
  });

  it('warns when no version could be certified without the principal, and only then', async () => {
    const revoke = 'revoke ws-02 --reason stolen --confirm=ws-02';
    const answer = () => ({ ok: true, kind: 'recorded', log: 7 as never, seq: 3 }) as const;
    const two = await run(revoke, { agent: fakeAgent(voting('ws-01', 'ws-02'), answer) });
    assert.match(two.err, /ws-02 is one of 2 voters: without it no version can be certified any more/);
    const three = await run(revoke, { agent: fakeAgent(voting('ws-01', 'ws-02', 'ws-03'), answer) });
    assert.doesNotMatch(three.err, /voters/);
  });
});

/** An agent whose realm has these hosts as voters. */
function voting(...ids: readonly string[]) {
  const hosts = ids.map((id, i) => [id, { roles: ['voter'], logs: { [i + 1]: 'aa' } }]);
  const registry = { hosts: Object.fromEntries(hosts), people: {}, policy: { liars: 0 } };
  return { registry: () => ({ registry, base: 2 }) };
}

describe('agent', () => {
  it('is told of whether it runs, without being started', async () => {
    const { code, io, out } = await run('agent status', { agent: new Fault('AGENT_UNAVAILABLE') });
    assert.equal(code, 9);
    assert.match(out, /^Not running/);
    assert.deepEqual(
      io.connected.map(({ spawn }) => spawn),
      [false],
    );
    assert.equal((await run('agent status')).out, 'Running, pid 4711, version 0.1.0, 3 clients, on-demand\n');
  });

  const holders: readonly [pid: number | null, says: RegExp][] = [
    [4711, /^✗ process 4711 holds \/data .*\n {2}.*--agent-socket, or end it: kill 4711\n$/],
    [null, /^✗ a process holds \/data .*\n {2}.*--agent-socket, or end that process\n$/],
  ];
  for (const [pid, says] of holders) {
    for (const line of ['agent stop', 'agent stop -n', 'agent status']) {
      it(`is not said to be at rest by ${line} while ${pid ?? 'a process'} holds the lock and does not answer`, async () => {
        const agent = new Fault('AGENT_UNAVAILABLE');
        const { code, err, out } = await run(line, { agent, holder: { pid } });
        assert.deepEqual([code, out], [9, '']);
        assert.match(err, says);
      });
    }
  }

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
