import assert from 'node:assert/strict';
import type { OverviewPortion } from '../../core/agent/overview-report.ts';
import type { FeatureReport } from '../../core/agent/protocol.ts';
import type { TimeStanding } from '../../core/decide/expiry.ts';
import type { CommandReason } from '../../core/engine/effect.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { fakeAgent, QUIET } from '../support/fake-agent.ts';
import { NOW, run } from '../support/fake-io.ts';
import { granting, LEASE, OTHER, REPORT } from '../support/leases.ts';
import { rollout } from '../support/rollouts.ts';

const FOREIGN = '01a6684a000000000000';
const TIMES = { since: NOW - 60, end: NOW + 600 };
/** What is known of a lease of another host. */
const ELSEWHERE: OverviewPortion = {
  features: [
    {
      ...{
        feature: 'sim.pro',
        name: 'Solver',
        seats: 8,
        overdraft: 0,
        overdrawn: 0,
        queue: [],
        deniedToday: 0,
      },
      uses: [
        {
          ...{ host: 'ws-02', user: 'bo', tool: 'solver', pid: 9, overdraft: false },
          ...TIMES,
          lease: FOREIGN,
        },
        {
          ...{ host: 'ws-03', user: 'bo', tool: null, pid: null, overdraft: false },
          since: 1,
          end: null,
          lease: null,
        },
      ],
    },
  ],
  ...{ hosts: [], next: null },
};

describe('lease return', () => {
  const byName: readonly [why: string, given: string][] = [
    ['its whole id', LEASE.id],
    ['the beginning of its id', 'b19'],
    ['the feature, if one of it is held', 'sim.pro'],
  ];
  for (const [why, given] of byName) {
    it(`understands ${why}`, async () => {
      const agent = granting();
      const { code, err } = await run(['return', given], { agent });
      assert.equal(code, 0, err);
      assert.deepEqual(agent.commands, [{ do: 'return', lease: LEASE.id, reason: null }]);
    });
  }

  const refused: readonly [why: string, line: string, exit: number][] = [
    ['an id that two leases begin with', 'return b', 3],
    ['an unknown id', 'return zzz', 3],
    ['nothing at all', 'return', 2],
    ['a lease and --all', 'return b19 --all', 2],
    ['--all where nobody can say yes', 'return --all', 2],
  ];
  for (const [why, line, exit] of refused) {
    it(`refuses ${why}`, async () => {
      const agent = granting();
      const { code } = await run(line, { agent });
      assert.equal(code, exit);
      assert.deepEqual(agent.commands, []);
    });
  }

  it('returns all with --yes', async () => {
    const agent = granting();
    const { code, out } = await run('lease return --all --yes', { agent });
    assert.equal(code, 0);
    assert.deepEqual(agent.commands, [{ do: 'return-all' }]);
    assert.match(out, /✓ Returned sim.pro \(b1946ac9\)\n✓ Returned sim.mesh/);
  });

  it('returns nothing in a dry run', async () => {
    const agent = granting();
    const { out } = await run('lease return --all -n', { agent });
    assert.match(out, /Would return sim.pro/);
    assert.deepEqual(agent.commands, []);
  });
});

describe('lease remove', () => {
  it('signs an order for the host that has the lease', async () => {
    const agent = granting();
    const { code } = await run('remove b19 --reason stuck --yes', { agent });
    assert.equal(code, 0);
    assert.deepEqual(agent.commands, [{ do: 'remove', host: 'lab-3', lease: LEASE.id, reason: 'stuck' }]);
  });

  it('believes a host that is named with a whole id, for it may not have told of its leases', async () => {
    const agent = granting();
    const lease = 'c0ffee00c0ffee00c0ff';
    await run(`remove ${lease} --host lab-9 --reason stuck --yes`, { agent });
    assert.deepEqual(agent.commands, [{ do: 'remove', host: 'lab-9', lease, reason: 'stuck' }]);
  });

  it('knows the leases that another host tells of, by how they begin', async () => {
    for (const line of ['remove 01a6 --reason stuck --yes', 'remove 01a6 --host ws-02 --reason x --yes']) {
      const agent = granting({ overview: () => ELSEWHERE });
      assert.equal((await run(line, { agent })).code, 0);
      const [sent] = agent.commands;
      assert.deepEqual(sent?.do === 'remove' && [sent.host, sent.lease], ['ws-02', FOREIGN]);
    }
  });

  for (const line of ['remove c0ffee --reason x -y', 'remove 01a6684a --host lab-9 --reason x -y']) {
    it(`orders the end of no lease that nobody knows: ${line}`, async () => {
      const agent = granting({ overview: () => ELSEWHERE });
      const { code, err } = await run(line, { agent });
      assert.equal(code, 3);
      assert.match(err, /there is no known lease .*\n.*whole id and --host/);
      assert.deepEqual(agent.commands, []);
    });
  }

  it('wants a reason', async () => {
    assert.equal((await run('remove b19 --yes', { agent: granting() })).code, 2);
  });

  it('signs nothing in a dry run, nor without a yes', async () => {
    const agent = granting();
    assert.equal((await run('remove b19 --reason stuck -n', { agent })).code, 0);
    assert.equal((await run('remove b19 --reason stuck', { agent })).code, 2);
    assert.equal((await run('remove b19 --reason stuck', { agent, tty: true, answers: ['n'] })).code, 2);
    assert.deepEqual(agent.commands, []);
  });
});

describe('lease list', () => {
  it('fits 80 columns on a terminal', async () => {
    const long = {
      ...REPORT,
      feature: 'a-feature-with-a-long-name',
      user: 'somebody-with-a-long-id' as PrincipalId,
    };
    const agent = fakeAgent({ leases: () => [REPORT, long, { ...OTHER, state: 'orphaned', freesIn: 30 }] });
    const { out } = await run('lease list', { agent, tty: true, env: { NO_COLOR: '1' } });
    const lines = out.trimEnd().split('\n');
    assert.equal(lines.length, 4);
    assert.ok(
      lines.every((line) => [...line].length <= 80),
      out,
    );
  });

  it('has with --all-hosts what other hosts tell of', async () => {
    const { out } = await run('lease list --all-hosts', { agent: fakeAgent({ overview: () => ELSEWHERE }) });
    assert.match(out, /^01a6684a +ws-02 +sim\.pro +bo +solver \(9\)/m);
    assert.equal(out.includes('ws-03'), false);
  });

  it('is an envelope for programs', async () => {
    const { out } = await run('lease list --json', { agent: granting() });
    const { apiVersion, items, kind } = JSON.parse(out);
    assert.equal(apiVersion, 'leasehold/v1');
    assert.equal(kind, 'LeaseList');
    assert.deepEqual(items, [REPORT, OTHER]);
  });

  it('marks hosts that are shut out, whose leases nobody believes', async () => {
    const restricted = [
      {
        id: 'lab-3',
        member: 'host',
        kind: 'revoked',
        by: 'ws01',
        reason: 'stolen',
        since: null,
        seatsUntil: null,
      },
    ] as const;
    const agent = fakeAgent({
      rollout: () => rollout(),
      status: () => ({ ...QUIET, restricted }),
      leases: () => [REPORT],
    });
    const { out } = await run('lease list --all-hosts', { agent });
    assert.match(out, /^b1946ac9 +lab-3 \(revoked\) +sim\.pro/m);
    const { items } = JSON.parse((await run('lease list --all-hosts --json', { agent })).out);
    assert.deepEqual(
      items.map((item: { restricted: unknown }) => item.restricted),
      items.map((item: { host: string }) => (item.host === 'lab-3' ? 'revoked' : null)),
    );
  });

  it('says so when there are none', async () => {
    assert.equal((await run('lease list', { agent: fakeAgent() })).out, 'No leases\n');
  });

  it('names features in overdraft below the leases', async () => {
    const overdrawn = [{ feature: 'sim.pro', overdraft: 2, overdrawn: 1 }];
    const { out } = await run('lease list', {
      agent: fakeAgent({ status: () => ({ ...QUIET, overdrawn }) }),
    });
    assert.equal(out, 'No leases\n! sim.pro: overdraft 1 of 2, as far as is known here\n');
  });

  it('says how long a tool has been idle that says when it is in use', async () => {
    const { out } = await run('lease list', {
      agent: fakeAgent({ leases: () => [{ ...REPORT, idle: 720 }] }),
    });
    assert.match(out, /active, idle 12m$/m);
  });
});

describe('lease check', () => {
  const feature = (change: Partial<FeatureReport>): FeatureReport => ({
    id: 'sim.pro',
    name: 'Solver',
    seats: 8,
    lot: 2,
    inUse: 0,
    from: null,
    until: null,
    reason: null,
    ...change,
  });
  const soon: TimeStanding = {
    state: 'expires-soon',
    allow: true,
    changesAt: seconds(NOW + 86_400),
    sentence: 'its period ends tomorrow',
  };
  const over: TimeStanding = {
    state: 'expired',
    allow: false,
    changesAt: null,
    sentence: 'its period ended yesterday',
  };

  it('warns of what signed time says though a seat may be had, and gives a program the date', async () => {
    const agent = fakeAgent({ features: () => [feature({ time: [soon], fromSetUp: 30 })] });
    const { out } = await run('lease check sim.pro', { agent });
    assert.match(out, /30 days from set-up/);
    assert.match(out, /! its period ends tomorrow/);
    const { data } = JSON.parse((await run('lease check sim.pro --json', { agent })).out);
    assert.deepEqual([data.time, data.fromSetUp, data.available], [[soon], 30, true]);
  });

  it('says why time denies it in the words of the table', async () => {
    const agent = fakeAgent({
      features: () => [feature({ time: [over] })],
      foresee: () => ({ ok: false, reason: 'expired', detail: '' }),
    });
    const { code, out } = await run('lease check sim.pro', { agent });
    assert.deepEqual([code, out], [7, '✗ sim.pro cannot be used here: its period ended yesterday\n']);
  });

  it('asks what lease checkout asks, for who asks and for who is named, and takes nothing', async () => {
    const requests: unknown[] = [];
    const agent = fakeAgent({
      features: () => [feature({})],
      foresee: ({ command }) => {
        if (command.do === 'checkout') requests.push(command.request);
        return { ok: true, kind: 'lease', end: seconds(NOW + 60) };
      },
    });
    for (const user of ['', ' --user bo']) {
      await run(`lease checkout sim.pro --dry-run${user}`, { agent });
      await run(`lease check sim.pro${user}`, { agent });
    }
    const [mine, checked, bos, bosChecked] = requests;
    assert.deepEqual([checked, bosChecked], [mine, bos]);
    assert.notDeepEqual(mine, bos);
    assert.deepEqual(agent.commands, []);
  });

  const cases: readonly [why: string, reason: CommandReason | null, exit: number][] = [
    ['a seat is free', null, 0],
    ['all seats are in use', 'no-seat', 6],
    ['a limit is reached', 'limit-reached', 6],
    ['the seats that are free are kept for others', 'reserved', 6],
    ['it has expired', 'expired', 7],
    ['a rule denies it to the user', 'user-not-entitled', 7],
    ['nobody knows the user', 'unknown-user', 7],
    ['time is not known', 'time-unknown', 7],
    ['there is no such feature', 'unknown-feature', 7],
  ];
  for (const [why, reason, exit] of cases) {
    it(`ends with ${exit} when ${why}`, async () => {
      const agent = fakeAgent({
        features: () => [feature({ inUse: 1 })],
        foresee: () =>
          reason === null
            ? { ok: true, kind: 'lease', end: seconds(NOW + 60) }
            : { ok: false, reason, detail: '' },
      });
      assert.equal((await run('lease check sim.pro', { agent })).code, exit);
      const quiet = await run('lease check sim.pro -q', { agent });
      assert.deepEqual([quiet.code, quiet.out, quiet.err], [exit, '', '']);
    });
  }
});
