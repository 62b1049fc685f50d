import assert from 'node:assert/strict';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { type Check, examine, type Facts } from '../../core/cli/doctor-checks.ts';
import { Fault } from '../../core/errors.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { run } from '../support/fake-io.ts';

const WELL: Facts = {
  dataDir: '/data',
  realm: { id: 'ab'.repeat(32), principal: 'lab-3' },
  status: { ...QUIET, agent: { ...QUIET.agent, mode: 'service' } },
  agentTrouble: null,
  socketPath: '/run/user/1000/leasehold-abcd0123/s',
  socketBytes: 35,
  fileSystem: { kind: 'ext4', local: true },
  freeBytes: 2 ** 33,
  dataMode: { mode: 0o700, foreign: false },
  keyMode: 0o600,
  hasKey: true,
  relay: { url: 'wss://relay.example', trouble: null },
};

function found(facts: Facts, name: string): Check | undefined {
  return examine(facts).find((check) => check.name === name);
}

function withStatus(change: Partial<StatusReport>): Facts {
  return { ...WELL, status: { ...(WELL.status ?? QUIET), ...change } };
}

describe('what doctor looks at', () => {
  it('is well on a host that is well', () => {
    const checks = examine(WELL);
    assert.deepEqual(
      checks.filter(({ state }) => state !== 'good'),
      [],
    );
    assert.deepEqual(
      checks.map(({ name }) => name),
      [
        'data directory',
        'file system',
        'disk space',
        'socket',
        'agent',
        'identity',
        'relay',
        'time',
        'rollout',
        'service',
      ],
    );
  });

  const cases: readonly [why: string, facts: Facts, name: string, state: Check['state'], said: RegExp][] = [
    [
      'another owner',
      { ...WELL, dataMode: { mode: 0o700, foreign: true } },
      'data directory',
      'bad',
      /somebody else/,
    ],
    [
      'an open data directory',
      { ...WELL, dataMode: { mode: 0o755, foreign: false } },
      'data directory',
      'poor',
      /others may look/,
    ],
    ['no data directory', { ...WELL, dataMode: null }, 'data directory', 'poor', /not there yet/],
    [
      'a network file system',
      { ...WELL, fileSystem: { kind: 'NFS', local: false } },
      'file system',
      'bad',
      /not local/,
    ],
    ['a full disk', { ...WELL, freeBytes: 1_000_000 }, 'disk space', 'bad', /0 MiB free/],
    ['a socket path that would be cut', { ...WELL, socketBytes: 96 }, 'socket', 'bad', /96 bytes, 95/],
    [
      'no agent',
      { ...WELL, status: null, agentTrouble: { code: 'AGENT_UNAVAILABLE', message: 'no' } },
      'agent',
      'bad',
      /no/,
    ],
    [
      'a lock without an answer',
      { ...WELL, status: null, agentTrouble: { code: 'STORE_LOCKED', message: 'x' } },
      'agent',
      'bad',
      /holds the lock/,
    ],
    ['no realm', { ...WELL, status: null, realm: null }, 'agent', 'poor', /no realm/],
    ['a lost key', { ...WELL, hasKey: false }, 'identity', 'bad', /is gone/],
    ['a key that others may read', { ...WELL, keyMode: 0o644 }, 'identity', 'bad', /others may read/],
    ['no membership yet', withStatus({ applied: null }), 'identity', 'poor', /not a member yet/],
    [
      'an unreachable relay',
      { ...WELL, relay: { url: 'wss://r', trouble: 'ECONNREFUSED' } },
      'relay',
      'bad',
      /ECONNREFUSED/,
    ],
    ['no relay', { ...WELL, relay: null }, 'relay', 'poor', /none is known/],
    [
      'no signed time',
      withStatus({ time: { ...QUIET.time, lower: null } }),
      'time',
      'bad',
      /no relay has signed/,
    ],
    [
      'relays that contradict each other',
      withStatus({ time: { ...QUIET.time, conflict: true } }),
      'time',
      'bad',
      /contradict/,
    ],
    [
      'too long offline',
      withStatus({ time: { ...QUIET.time, offlineAge: 4_000_000 } }),
      'time',
      'bad',
      /offline for too long/,
    ],
    [
      'a local clock that is off',
      withStatus({ time: { ...QUIET.time, wall: 1_899_990_000 } }),
      'time',
      'poor',
      /-2h off/,
    ],
    [
      'a voter that is no service',
      withStatus({ agent: QUIET.agent }),
      'service',
      'poor',
      /only while its agent runs/,
    ],
    [
      'an alarm',
      withStatus({ alarms: [{ code: 'fork', text: 'ws01 has forked' }] }),
      'alarm',
      'bad',
      /ws01 has forked/,
    ],
  ];
  for (const [why, facts, name, state, said] of cases) {
    it(`finds ${why}, and says what to do`, () => {
      const check = found(facts, name);
      assert.equal(check?.state, state);
      assert.match(check?.text ?? '', said);
      assert.ok(check?.fix);
    });
  }

  it('asks no service of a host that is no voter', () => {
    const status = { ...QUIET, host: { ...QUIET.host, roles: [] } } as StatusReport;
    assert.equal(found({ ...WELL, status }, 'service'), undefined);
  });
});

describe('doctor', () => {
  const places = {
    '/data': { real: '/data', mode: 0o700, uid: 1000, fileSystem: 0x6969, freeBytes: 2 ** 33 },
  };

  it('lists signs, words and fixes, and ends with 1 if something is bad', async () => {
    const { code, out } = await run('doctor', { places, agent: fakeAgent() });
    assert.equal(code, 1);
    assert.match(out, /^✓ data directory: \/data\n✗ file system: NFS is not local\n {2}→ move it/);
  });

  it('is an envelope for programs', async () => {
    const { out } = await run('doctor --json', { places, agent: new Fault('AGENT_UNAVAILABLE') });
    const { items, kind } = JSON.parse(out);
    assert.equal(kind, 'CheckList');
    assert.deepEqual(Object.keys(items[0]), ['name', 'state', 'text', 'fix']);
  });

  it('starts no agent where there is no realm', async () => {
    const { io } = await run('doctor', { agent: new Fault('AGENT_UNAVAILABLE') });
    assert.deepEqual(
      io.connected.map(({ spawn }) => spawn),
      [false],
    );
  });

  it('asks the relay that --relay names', async () => {
    const { out } = await run('doctor --relay wss://other.example', { knock: 'ENOTFOUND' });
    assert.match(out, /✗ relay: wss:\/\/other\.example: ENOTFOUND/);
  });
});
