import assert from 'node:assert/strict';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { fakeAgent, QUIET, RELAY, REVOKED } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';
import { rollout } from '../support/rollouts.ts';

describe('status', () => {
  const draining: StatusReport = {
    ...QUIET,
    newest: 43,
    draining: true,
    pending: rollout(),
    leases: [
      { ...leaseOf('sim.pro', 'solver', 4802, 7200), state: 'active', freesIn: null, idle: null },
      { ...leaseOf('sim.mesh', 'mesher', 4810, 720), state: 'orphaned', freesIn: 20, idle: null },
    ],
  };

  function leaseOf(feature: string, tool: string, pid: number, age: number) {
    return {
      id: 'b1946ac92492d2347c62',
      feature,
      user: 'ana' as never,
      process: { tool, pid, startTime: null },
      tie: 'process' as const,
      host: 'lab-3' as never,
      version: 42,
      since: (NOW - age) as never,
      end: (NOW + 600) as never,
    };
  }

  it('is one screen: host, agent, relay, time, version, leases and the next command', async () => {
    const agent = fakeAgent({ status: () => draining });
    const { code, out } = await run('status', { agent, tty: true, env: { NO_COLOR: '1' } });
    assert.equal(code, 0);
    assert.equal(
      out,
      [
        'Host    Lab 3 (issuer, voter)          Agent  running, pid 4711, 3 clients',
        'Relay   wss://relay.example  ok 34 ms  Time   signed 12s ago, local clock +0.3 s',
        'Config  Fern Lab: v42 applied; v43 received: draining, 2 leases left',
        'FEATURE   HELD BY        SINCE  VALID UNTIL',
        'sim.pro   solver (4802)  2h     17:56 UTC',
        'sim.mesh  mesher (4810)  12m    17:56 UTC (orphaned)',
        '! v43 applies when both leases end.',
        '! Release: leasehold lease return --all   Follow: leasehold rollout watch',
        '',
      ].join('\n'),
    );
    assert.ok(out.split('\n').every((line) => [...line].length <= 80));
  });

  const steps: readonly [why: string, change: Partial<StatusReport>, said: RegExp][] = [
    ['there is no realm', { realm: null, host: null }, /leasehold init.*leasehold join/],
    ['it is not a member yet', { join: { state: 'kept' } }, /Not a member yet: .*config publish/],
    ['its join has reached nobody', { join: { state: 'waiting' } }, /nobody has heard of it.*doctor/],
    [
      'its invitation was used by another host',
      { join: { state: 'refused', reason: 'invitation-used', text: '' } },
      /Not joined.*leasehold leave.*leasehold join/,
    ],
    ['nothing is published yet', { applied: null }, /leasehold config publish/],
    ['a version lacks signatures', { pending: rollout({ signatures: 0 }) }, /leasehold config sign/],
    ['a version is refused', { pending: rollout({ refused: 'content-differs' }) }, /leasehold rollout why/],
    ['a version is on its way', { pending: rollout({ certified: false }) }, /leasehold rollout why/],
    [
      'there is no signed time',
      { time: { ...QUIET.time, lower: null } },
      /no signed time yet.*\n(.*\n)*! .*leasehold doctor/,
    ],
    [
      'a relay cannot be reached',
      { relays: [{ ...RELAY, state: 'disconnected', detail: 'ECONNREFUSED', since: NOW - 3600 }] },
      /! wss:\/\/relay\.example cannot be reached since 16:46 UTC \(ECONNREFUSED\)/,
    ],
    [
      'a relay signs time under another key than the realm has',
      { relays: [{ ...RELAY, time: 'wrong', timeDetail: 'it signs time under the key abab' }] },
      /^! wss:\/\/relay\.example: it signs time under the key abab$/m,
    ],
    ['there is an alarm', { alarms: [{ code: 'fork', text: 'ws01 has forked' }] }, /! ws01 has forked/],
  ];
  for (const [why, change, said] of steps) {
    it(`says what to do next when ${why}`, async () => {
      const { out } = await run('status', { agent: fakeAgent({ status: () => ({ ...QUIET, ...change }) }) });
      assert.match(out, said);
    });
  }

  it('tells a host that is revoked by whom, since when, and what to do', async () => {
    const restricted = [{ ...REVOKED, id: 'lab-3', by: 'ws01' }];
    const { out } = await run('status', { agent: fakeAgent({ status: () => ({ ...QUIET, restricted }) }) });
    assert.match(out, /! lab-3 is revoked by ws01 since 16:46 UTC: stolen\n! .*ask ws01 .*identity rotate/);
  });

  it('tells the others that a host is revoked, and an issuer how to go on without it', async () => {
    const restricted = [REVOKED];
    const issuer = await run('status', { agent: fakeAgent({ status: () => ({ ...QUIET, restricted }) }) });
    assert.match(
      issuer.out,
      /! ws02 is revoked by lab-3 since 16:46 UTC: stolen\n! .*registry remove hosts\/ws02/,
    );
    const host = { ...QUIET.host, roles: ['voter'] } as StatusReport['host'];
    const voter = await run('status', {
      agent: fakeAgent({ status: () => ({ ...QUIET, host, restricted }) }),
    });
    assert.match(voter.out, /! ws02 is revoked by lab-3/);
    assert.doesNotMatch(voter.out, /registry remove/);
  });

  const SCHEDULE = { cron: '0 18 * * *', message: 'Nightly', next: NOW + 3600, last: null };

  const shown: readonly [why: string, change: Partial<StatusReport>, said: RegExp][] = [
    [
      'what is published by itself, and when',
      { schedule: SCHEDULE },
      /^Publishes by itself, next at 18:46 UTC: Nightly$/m,
    ],
    [
      'what the last publication by itself came to',
      { schedule: { ...SCHEDULE, last: 'published version 42' } },
      /Nightly; last: published version 42$/m,
    ],
    [
      'an issuer how many wait for a version, and who',
      {
        newcomers: [
          { id: 'ws03', kind: 'host' },
          { id: 'ws04', kind: 'host' },
        ],
      },
      /^! 2 hosts joined and wait: leasehold config publish {2}\(ws03, ws04\)$/m,
    ],
    [
      'an issuer that somebody waits for what is published by itself',
      { newcomers: [{ id: 'ben', kind: 'person' }], schedule: SCHEDULE },
      /^! 1 newcomer joined and waits until 18:46 UTC, or sooner: leasehold config publish/m,
    ],
  ];
  for (const [why, change, said] of shown) {
    it(`tells ${why}`, async () => {
      const { out } = await run('status', { agent: fakeAgent({ status: () => ({ ...QUIET, ...change }) }) });
      assert.match(out, said);
    });
  }

  it('asks nobody to publish who may not, or who has', async () => {
    const newcomers = [{ id: 'ws03', kind: 'host' }] as const;
    const host = { ...QUIET.host, roles: ['voter'] } as StatusReport['host'];
    for (const change of [{ host }, { pending: rollout() }]) {
      const status = () => ({ ...QUIET, newcomers, ...change });
      const { out } = await run('status', { agent: fakeAgent({ status }) });
      assert.doesNotMatch(out, /config publish/);
    }
  });

  it('says nothing to do when all is quiet', async () => {
    const { out } = await run('status');
    assert.equal(out.split('\n').filter((line) => line.startsWith('!')).length, 0);
  });

  it('is an envelope with the whole report for programs', async () => {
    const { out } = await run('status --json', { agent: fakeAgent({ status: () => draining }) });
    assert.deepEqual(JSON.parse(out), { apiVersion: 'leasehold/v1', kind: 'Status', data: draining });
  });
});

describe('time status', () => {
  it('shows the interval and how far the local clock is off', async () => {
    const { code, out } = await run('time status');
    assert.equal(code, 0);
    assert.match(out, /^Not before {3}2030-03-17 17:46:40 UTC\nNot after {4}2030-03-17 17:46:41 UTC\n/);
    assert.match(out, /Local clock {2}2030-03-17 17:46:41 UTC, \+0\.3 s off\n/);
    assert.match(out, /Last answer {2}12s ago; leases stop after 45d without one/);
  });

  const untrusted: readonly [why: string, change: Partial<StatusReport['time']>][] = [
    ['nothing is known', { lower: null, upper: null, offlineAge: null }],
    ['relays contradict each other', { conflict: true }],
  ];
  for (const [why, change] of untrusted) {
    it(`ends with 11 when ${why}`, async () => {
      const agent = fakeAgent({ time: () => ({ ...QUIET.time, ...change }) });
      assert.equal((await run('time status', { agent })).code, 11);
    });
  }
});
