import assert from 'node:assert/strict';
import type { RelayReport, StatusReport } from '../../core/agent/protocol.ts';
import type { RestrictedReport } from '../../core/agent/rollout-report.ts';
import type { Check } from '../../core/cli/check.ts';
import { examine, type Facts } from '../../core/cli/doctor-checks.ts';
import { Fault } from '../../core/errors.ts';
import { fakeAgent, QUIET, RELAY } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';

const WELL: Facts = {
  dataDir: '/data',
  calendar: { timeZone: 'UTC', now: NOW },
  realm: { id: 'ab'.repeat(32), principal: 'lab-3' },
  status: { ...QUIET, agent: { ...QUIET.agent, mode: 'service' } },
  agentTrouble: null,
  socketPath: '/run/user/1000/leasehold-abcd0123/s',
  socketBytes: 35,
  fileSystem: { kind: 'ext4', local: true },
  freeBytes: 2 ** 33,
  dataMode: { mode: 0o700, foreign: false },
  dataTrouble: null,
  keyMode: 0o600,
  hasKey: true,
  knocked: [],
};

function found(facts: Facts, name: string): Check | undefined {
  return examine(facts).find((check) => check.name === name);
}

function withStatus(change: Partial<StatusReport>): Facts {
  return { ...WELL, status: { ...(WELL.status ?? QUIET), ...change } };
}

function withRelay(change: Partial<RelayReport>, more: Partial<StatusReport> = {}): Facts {
  return withStatus({ relays: [{ ...RELAY, ...change }], ...more });
}

const REVOKED: RestrictedReport = {
  id: 'ws02',
  member: 'host',
  kind: 'revoked',
  by: 'lab-3',
  reason: 'stolen',
  since: NOW - 3600,
};

const UNSIGNED = { time: { ...QUIET.time, lower: null, upper: null, offlineAge: null, maxOffline: 0 } };

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
    [
      'a data directory that takes no file though its mode is right',
      { ...WELL, dataTrouble: { code: 'STORE_UNWRITABLE', message: 'read-only file system' } },
      'data directory',
      'bad',
      /does not take a file: read-only/,
    ],
    [
      'a full disk that keeps the agent from starting',
      { ...WELL, status: null, agentTrouble: { code: 'DISK_FULL', message: 'no space is left' } },
      'agent',
      'bad',
      /no space is left/,
    ],
    [
      'a join that was refused',
      withStatus({ join: { state: 'refused', reason: 'invitation-used', text: 'used by another host' } }),
      'identity',
      'bad',
      /has not joined: used by another host/,
    ],
    [
      'its own revocation',
      withStatus({ restricted: [{ ...REVOKED, id: 'lab-3', by: 'ws01' }] }),
      'identity',
      'bad',
      /lab-3 is revoked by ws01 since 16:46 UTC: stolen/,
    ],
    [
      'the revocation of another',
      withStatus({ restricted: [REVOKED] }),
      'members',
      'poor',
      /ws02 is revoked by lab-3/,
    ],
    [
      'an unreachable relay, and since when',
      withRelay({ state: 'disconnected', detail: 'ECONNREFUSED', since: NOW - 3600 }),
      'relay',
      'bad',
      /cannot be reached since 16:46 UTC \(ECONNREFUSED\)/,
    ],
    [
      'a relay that refuses the realm',
      withRelay({ state: 'refused', detail: 'the relay does not serve this room' }),
      'relay',
      'bad',
      /refuses this host .*does not serve this room/,
    ],
    [
      'a relay that signs time under another key',
      withRelay({ time: 'wrong', timeDetail: 'it signs time under the key ab' }),
      'relay',
      'bad',
      /signs time under the key ab/,
    ],
    [
      'a relay that answers and lets nobody in',
      withRelay({ state: 'connected', since: NOW - 60 }),
      'relay',
      'bad',
      /does not let this host in/,
    ],
    ['no relay', withStatus({ relays: [] }), 'relay', 'poor', /none is known/],
    [
      'a relay that has had its time to sign',
      withRelay({ time: 'waiting', since: NOW - 60 }, UNSIGNED),
      'time',
      'bad',
      /no relay has signed .*nothing can be leased/,
    ],
    [
      'relays of which the realm names no key',
      withRelay({ time: 'unasked' }, UNSIGNED),
      'time',
      'bad',
      /names no key/,
    ],
    [
      'a relay, without an agent, that refuses',
      {
        ...WELL,
        status: null,
        knocked: [{ url: 'wss://r', found: { kind: 'refuses', why: 'no such room' } }],
      },
      'relay',
      'bad',
      /wss:\/\/r refuses: no such room/,
    ],
    [
      'a relay, without an agent, of another key',
      { ...WELL, status: null, knocked: [{ url: 'wss://r', found: { kind: 'other-key', key: null } }] },
      'relay',
      'bad',
      /signs no time, not under/,
    ],
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

  const waiting: readonly [why: string, facts: Facts, name: string, said: RegExp][] = [
    [
      'a join that a relay keeps',
      withStatus({ join: { state: 'kept' } }),
      'identity',
      /from the next version/,
    ],
    [
      'a join that is under way',
      withStatus({ join: { state: 'waiting' } }),
      'identity',
      /reached no relay yet/,
    ],
    [
      'signed time, where the relay has just been asked',
      withRelay({ state: 'connected', time: 'waiting', since: NOW - 2 }, UNSIGNED),
      'time',
      /just been asked/,
    ],
    [
      'a relay that has just been called',
      withRelay({ state: 'connecting', since: NOW - 2 }),
      'relay',
      /not reached yet/,
    ],
    [
      'the comparison of its log',
      withStatus({ alarms: [{ code: 'not-compared', text: 'no relay has shown it' }] }),
      'votes',
      /no relay has shown it/,
    ],
  ];
  for (const [why, facts, name, said] of waiting) {
    it(`waits for ${why}, and calls nothing wrong`, () => {
      const check = found(facts, name);
      assert.equal(check?.state, 'waits');
      assert.match(check?.text ?? '', said);
      assert.deepEqual(
        examine(facts).filter(({ state }) => state === 'bad'),
        [],
      );
    });
  }

  it('finds nothing wrong on a host that has just joined, whose class nobody has certified yet', () => {
    const time = { ...QUIET.time, maxOffline: 0 };
    const alarms = [{ code: 'not-a-member', text: 'joined by invitation' }];
    const checks = examine(withStatus({ join: { state: 'kept' }, time, alarms, host: null }));
    assert.deepEqual(
      checks.filter(({ state }) => state === 'bad' || state === 'poor'),
      [],
    );
    assert.equal(checks.find(({ name }) => name === 'time')?.text, 'signed');
  });

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
    const knock = { kind: 'silent', why: 'ENOTFOUND' } as const;
    const { io, out } = await run('doctor --relay wss://other.example', { knock });
    assert.match(out, /✗ relay: wss:\/\/other\.example: ENOTFOUND/);
    assert.deepEqual(
      io.knocked.map(({ url }) => url),
      ['wss://other.example'],
    );
  });

  it('tries to write, and says what kept it from that', async () => {
    const { code, out } = await run('doctor', { places, trial: new Fault('DISK_FULL') });
    assert.equal(code, 1);
    assert.match(out, /^✗ data directory: \/data does not take a file: no space is left on the disk\n/);
  });
});
