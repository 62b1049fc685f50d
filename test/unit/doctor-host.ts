import assert from 'node:assert/strict';
import type { StatusReport } from '../../core/agent/protocol.ts';
import type { Check } from '../../core/cli/check.ts';
import { examine, type Facts } from '../../core/cli/doctor-checks.ts';
import { finds, found, WELL, waitsFor, withStatus } from '../support/doctor-facts.ts';
import { QUIET, REVOKED } from '../support/fake-agent.ts';

describe('what doctor looks at on a host', () => {
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
      withStatus({
        join: { state: 'refused', reason: 'invitation-not-accepted', text: 'used by another host' },
      }),
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
      'a voter that is no service',
      withStatus({ agent: QUIET.agent }),
      'service',
      'poor',
      /only while its agent runs/,
    ],
  ];
  for (const [why, facts, name, state, said] of cases) {
    it(`finds ${why}, and says what to do`, () => finds(facts, name, state, said));
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
      /no relay has confirmed the join of .* yet/,
    ],
  ];
  for (const [why, facts, name, said] of waiting) {
    it(`waits for ${why}, and calls nothing wrong`, () => waitsFor(facts, name, said));
  }

  it('asks no service of a host that is no voter', () => {
    const status = { ...QUIET, host: { ...QUIET.host, roles: [] } } as StatusReport;
    assert.equal(found({ ...WELL, status }, 'service'), undefined);
  });
});
