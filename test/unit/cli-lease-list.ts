import assert from 'node:assert/strict';
import type { OverviewPortion } from '../../core/agent/overview-report.ts';
import type { PrincipalId } from '../../core/units.ts';
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
