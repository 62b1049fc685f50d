import assert from 'node:assert/strict';
import type { OverviewPortion } from '../../core/agent/overview-report.ts';
import type { StatusReport } from '../../core/agent/protocol.ts';
import type { TimeStanding } from '../../core/decide/expiry.ts';
import { seconds } from '../../core/units.ts';
import { fakeAgent, QUIET, RELAY, RELAY_TIME, REVOKED } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';
import { rollout } from '../support/rollouts.ts';

const TIMED: TimeStanding = {
  state: 'expires-soon',
  allow: true,
  changesAt: seconds(NOW + 3600),
  sentence: 'its period ends at noon',
};

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

  it('says how long leases go on offline, and of five features when their periods change', async () => {
    const standing: TimeStanding = { ...TIMED, state: 'offline', sentence: 'without one it stops at noon' };
    const periods = Array.from({ length: 7 }, (_, i) => ({ ...TIMED, feature: `f${i}` }));
    const report = { ...QUIET, time: { ...QUIET.time, standing: [standing] }, periods };
    const agent = fakeAgent({ status: () => report });
    const { out } = await run('status', { agent });
    assert.match(out, /! without one it stops at noon/);
    assert.match(out, /! f0: its period ends at noon/);
    assert.match(out, /! 2 more features like these/);
    assert.doesNotMatch(out, /f5/);
    const { data } = JSON.parse((await run('status --json', { agent })).out);
    assert.deepEqual([data.time.standing, data.periods], [[standing], periods]);
  });

  const steps: readonly [why: string, change: Partial<StatusReport>, said: RegExp][] = [
    ['there is no realm', { realm: null, host: null }, /leasehold init.*leasehold join/],
    ['it is not a member yet', { join: { state: 'kept' } }, /Not a member yet: .*config publish/],
    [
      'its join has reached nobody',
      { join: { state: 'waiting' } },
      /no relay has confirmed the join so far.*doctor/,
    ],
    [
      'its invitation was not accepted',
      { join: { state: 'refused', reason: 'invitation-not-accepted', text: '' } },
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
      /! ws02 is revoked by lab-3 since 16:46 UTC: stolen\n! ws02 may use its seats until 2030-03-24 00:00 UTC, .*\n! .*registry remove hosts\/ws02/,
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
    assert.deepEqual(JSON.parse(out), {
      ...{ apiVersion: 'leasehold/v1', kind: 'Status', relayTime: Math.floor(RELAY_TIME), data: draining },
    });
  });
});

describe('status --all', () => {
  const use = {
    ...{ user: 'ana', tool: 'solver', pid: 4802, lease: null },
    ...{ since: NOW - 7200, end: NOW + 600, overdraft: false },
  };
  const OVERVIEW: Omit<OverviewPortion, 'next'> = {
    features: [
      {
        ...{ feature: 'sim.pro', name: 'Solver', seats: 2, overdraft: 2, overdrawn: 1, deniedToday: 3 },
        uses: [
          { ...use, host: 'lab-3' },
          { ...use, host: 'lab-9', user: 'cleo', tool: null, pid: null, end: null },
          { ...use, host: 'lab-4', user: 'ben', since: NOW - 60, overdraft: true },
        ],
        queue: [{ user: 'dan', tool: 'mesher', pid: null, waited: 180 }],
      },
      {
        ...{ feature: 'idle', name: 'idle', seats: 1, overdraft: 0, overdrawn: 0, deniedToday: 0 },
        ...{ uses: [], queue: [] },
      },
    ],
    hosts: [
      {
        ...{ host: 'lab-3', name: 'Lab 3', heard: 'here', lastSeen: null },
        ...{ recordUpTo: NOW - 2800, heldLast: [] },
      },
      { host: 'lab-4', name: 'Lab 4', heard: 'present', lastSeen: NOW, recordUpTo: null, heldLast: [] },
      {
        ...{ host: 'lab-9', name: 'Lab 9', heard: 'away', lastSeen: NOW - 3 * 86_400 },
        ...{ recordUpTo: NOW - 3 * 86_400 - 60 },
        heldLast: [{ feature: 'sim.pro', user: 'cleo', since: NOW - 7200 }],
      },
      { host: 'lab-10', name: 'Lab 10', heard: 'away', lastSeen: null, recordUpTo: null, heldLast: [] },
    ],
  };
  const [first, ...rest] = OVERVIEW.features;

  /** An agent that tells of one feature at a time. */
  function agent() {
    return fakeAgent({
      status: () => ({ ...QUIET, overdrawn: [{ feature: 'sim.pro', overdraft: 2, overdrawn: 1 }] }),
      overview: ({ after }) =>
        after === undefined
          ? { features: first === undefined ? [] : [first], hosts: OVERVIEW.hosts, next: 'sim.pro' }
          : {
              features: after === 'sim.pro' ? [] : rest,
              hosts: [],
              next: after === 'sim.pro' ? 'more' : null,
            },
    });
  }

  it('has who uses what, everywhere, who waits, and how old what is known of each host is', async () => {
    const { code, out } = await run('status --all', {
      ...{ agent: agent(), tty: true, env: { NO_COLOR: '1' } },
    });
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n').slice(3), [
      '',
      'sim.pro (Solver): 3 of 2 seats known in use, overdraft 1 of 2, 3 denied today',
      '  USER  HOST   HELD BY        SINCE  VALID UNTIL',
      '  ana   lab-3  solver (4802)  2h     17:56 UTC',
      '  cleo  lab-9  -              2h     by its last record',
      '  ben   lab-4  solver (4802)  1m     17:56 UTC, overdraft',
      '  1. in the queue here: dan, mesher, for 3m',
      '',
      'idle: 0 of 1 seat known in use',
      '',
      'HOST    HEARD               RECORD   HELD LAST',
      'lab-3   this host           46m old  -',
      'lab-4   present             none     -',
      'lab-9   away, heard 3d ago  3d old   sim.pro (cleo)',
      'lab-10  away, never heard   none     -',
      '! sim.pro: overdraft 1 of 2, as far as is known here',
      '',
    ]);
  });

  it('is in the same envelope for programs, beside what the short form has', async () => {
    const { data, kind } = JSON.parse((await run('status --all --json', { agent: agent() })).out);
    assert.equal(kind, 'Status');
    assert.deepEqual(data.overview, OVERVIEW);
    assert.equal(data.newest, QUIET.newest);
    const short = JSON.parse((await run('status --json', { agent: agent() })).out);
    assert.equal('overview' in short.data, false);
  });

  it('says so where no version has been applied', async () => {
    const overview = () => ({ features: [], hosts: [], next: null });
    const { out } = await run('status --all', { agent: fakeAgent({ overview }) });
    assert.match(out, /^No version has been applied on this host$/m);
  });
});
