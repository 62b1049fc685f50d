import assert from 'node:assert/strict';
import type { Methods, RolloutHost, RolloutReport, StatusReport } from '../../core/agent/protocol.ts';
import { main } from '../../core/cli/main.ts';
import { toHex } from '../../core/units.ts';
import { encodeCbor } from '../../core/wire/cbor.ts';
import { type FakeAgent, fakeAgent, QUIET } from '../support/fake-agent.ts';
import { fakeIo, NOW, ran, run, until } from '../support/fake-io.ts';

type Draft = Methods['draft']['result'];

const CANDIDATE = 'c4'.repeat(32);
const DRAFT: Draft = {
  base: 42,
  changes: [{ path: 'features.sim.pro.seats', kind: 'changed', before: 8, after: 9 }],
  summary: ['features.sim.pro.seats: 8 → 9'],
  problems: [],
  newcomers: [],
};
const LEASE = {
  id: 'b1946ac92492d2347c62',
  feature: 'sim.pro',
  user: 'ana',
  tool: 'solver',
  pid: 4802,
  since: NOW - 60,
  end: NOW + 600,
};

function host(id: string, change: Partial<RolloutHost> = {}): RolloutHost {
  return {
    id,
    name: id.toUpperCase(),
    voter: true,
    state: 'acked',
    acked: true,
    appliedVersion: 42,
    lastSeen: NOW - 90,
    leases: [],
    ...change,
  };
}

function rollout(change: Partial<RolloutReport> = {}): RolloutReport {
  return {
    version: 43,
    candidate: CANDIDATE,
    certified: true,
    acks: 2,
    quorum: 2,
    signatures: 1,
    needed: 1,
    message: 'More seats',
    refused: null,
    hosts: [host('lab-3', { state: 'draining', leases: [LEASE] }), host('ws01')],
    why: ['lab-3 still has sim.pro of ana in solver (4802), until 17:56 at the latest'],
    ...change,
  };
}

const EVERYWHERE = rollout({
  hosts: [
    host('lab-3', { state: 'applied', appliedVersion: 43 }),
    host('ws01', { state: 'applied', appliedVersion: 43 }),
  ],
  why: [],
});

/** An agent whose rollout goes through these reports, one at each push. */
function rollingOut(reports: readonly (RolloutReport | null)[], draft: Partial<Draft> = {}) {
  let at = 0;
  const agent = fakeAgent(
    { rollout: () => reports[at] ?? null, draft: () => ({ ...DRAFT, ...draft }) },
    (command) =>
      command.do === 'publish'
        ? {
            ok: true,
            kind: 'published',
            version: 43,
            candidate: CANDIDATE,
            signatures: 1,
            needed: 1,
            admitted: ['ws02'],
          }
        : { ok: true, kind: 'done' },
  );
  const advance = () => {
    at = Math.min(at + 1, reports.length - 1);
    agent.push({ event: 'rollout', version: 43, state: 'x' });
  };
  return { agent, advance };
}

function published(agent: FakeAgent) {
  return agent.commands.filter((command) => command.do === 'publish');
}

describe('config publish', () => {
  it('signs the draft with a message', async () => {
    const { agent } = rollingOut([]);
    const { code, out } = await run(['config', 'publish', '-m', 'More seats'], { agent });
    assert.equal(code, 0);
    assert.equal(out, '✓ Signed v43 as c4c4c4c4c4c4: More seats\n  ws02 becomes a member\n');
    assert.deepEqual(published(agent), [{ do: 'publish', message: 'More seats', expect: null }]);
  });

  it('passes on what is expected, so that nothing is signed on another base', async () => {
    const { agent } = rollingOut([]);
    assert.equal((await run('config publish -m x --expect v42', { agent })).code, 0);
    assert.deepEqual(published(agent), [{ do: 'publish', message: 'x', expect: 42 }]);
    const moved = rollingOut([]);
    assert.equal((await run('config publish -m x --expect v41', { agent: moved.agent })).code, 5);
    assert.deepEqual(published(moved.agent), []);
  });

  const refused: readonly [why: string, line: string, draft: Partial<Draft>, exit: number][] = [
    ['without a message', 'config publish', {}, 2],
    ['when nothing changes', 'config publish -m x', { changes: [] }, 13],
    [
      'when the draft is wrong',
      'config publish -m x',
      { problems: [{ path: 'policy', code: 'no-voter', text: 'nobody votes' }] },
      13,
    ],
  ];
  for (const [why, line, draft, exit] of refused) {
    it(`signs nothing ${why}, and ends with ${exit}`, async () => {
      const { agent } = rollingOut([], draft);
      assert.equal((await run(line, { agent })).code, exit);
      assert.deepEqual(published(agent), []);
    });
  }

  it('publishes for a newcomer alone', async () => {
    const { agent } = rollingOut([], { changes: [], newcomers: ['ws02'] });
    assert.equal((await run('config publish -m x', { agent })).code, 0);
  });

  it('shows what it would sign in a dry run', async () => {
    const { agent } = rollingOut([]);
    const { code, out } = await run('config publish -m x -n', { agent });
    assert.equal(code, 0);
    assert.equal(out, 'Would sign v43 on v42: x\n  features.sim.pro.seats: 8 → 9\n');
    assert.deepEqual(published(agent), []);
  });

  it('waits until all have applied it', async () => {
    const { advance, agent } = rollingOut([rollout({ certified: false }), rollout(), EVERYWHERE]);
    const io = fakeIo({ agent });
    const ending = main('config publish -m x --wait'.split(' '), io);
    await until(() => agent.asked.filter((method) => method === 'rollout').length === 1);
    advance();
    await until(() => agent.asked.filter((method) => method === 'rollout').length === 2);
    advance();
    const { code, out } = await ran(io, ending);
    assert.equal(code, 0);
    assert.match(out, /✓ v43 is applied everywhere: 2 hosts\n$/);
  });

  it('waits for no more than the certificate if asked', async () => {
    const { agent } = rollingOut([rollout()]);
    const { code, out } = await run('config publish -m x --wait=certified', { agent });
    assert.equal(code, 0);
    assert.match(out, /✓ v43 is certified: 2 acks, 2 needed/);
  });

  it('arranges that it happens by itself, and clears that', async () => {
    const asked: unknown[] = [];
    const agent = fakeAgent({
      schedule: (params) => {
        asked.push(params);
        return { cron: '0 6 * * 1', message: 'weekly', next: NOW, last: null };
      },
    });
    const { code, out } = await run(['config', 'publish', '-m', 'weekly', '--schedule', '0 6 * * 1'], {
      agent,
    });
    assert.equal(code, 0);
    assert.equal(out, '✓ Publishes by itself, next at 2030-03-17 17:46:40 UTC\n');
    await run('config publish --unschedule', { agent });
    assert.deepEqual(asked, [
      { cron: '0 6 * * 1', message: 'weekly' },
      { cron: null, message: '' },
    ]);
  });

  it('refuses what is no cron expression, asking nothing', async () => {
    const { code, io } = await run(['config', 'publish', '-m', 'x', '--schedule', 'every monday']);
    assert.equal(code, 2);
    assert.deepEqual(io.connected, []);
  });

  it('says when it would publish in a dry run', async () => {
    const { code, io, out } = await run(['config', 'publish', '-m', 'x', '--schedule', '0 6 * * 1', '-n']);
    assert.equal(code, 0);
    assert.equal(out.split('\n').filter((line) => / 06:00:00 UTC$/.test(line)).length, 3);
    assert.deepEqual(io.connected, []);
  });
});

describe('config sign and void', () => {
  const waiting = [{ candidate: CANDIDATE, version: 43, author: 'ben', message: 'More seats' }];

  it('list what waits for a signature', async () => {
    const { out } = await run('config sign', { agent: fakeAgent({ unsigned: () => waiting }) });
    assert.match(out, /^CANDIDATE +VERSION +BY +MESSAGE\nc4c4c4c4c4c4 +v43 +ben +More seats\n$/);
  });

  it('sign what is named by its beginning, with a yes', async () => {
    const agent = fakeAgent({ unsigned: () => waiting });
    assert.equal((await run('config sign c4c4', { agent })).code, 2);
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('config sign c4c4 --yes', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'sign', candidate: CANDIDATE }]);
  });

  it('sign nothing that does not wait', async () => {
    assert.equal((await run('config sign ffff --yes', { agent: fakeAgent() })).code, 3);
  });

  it('close a version with a yes', async () => {
    const agent = fakeAgent();
    await run('config void v43 -n', { agent });
    assert.deepEqual(agent.commands, []);
    assert.equal((await run('config void v43 --yes', { agent })).code, 0);
    assert.deepEqual(agent.commands, [{ do: 'void', version: 43 }]);
  });
});

describe('config reading', () => {
  it('shows a version as this host compiled it', async () => {
    const value = new Map<string, never>([
      ['lots', new Map([['sim.pro', new Map([['lab-3', 8]])]]) as never],
      ['parent', new Uint8Array([1, 255]) as never],
      ['registry', new Map([['realm', new Map([['name', 'Fern Lab']])]]) as never],
    ]);
    const agent = fakeAgent({
      configuration: () => ({ version: 42, content: 'aa', bytes: toHex(encodeCbor(value)) }),
    });
    const { out } = await run('config show', { agent });
    assert.equal(
      out,
      '# v42, content aa\nlots:\n  sim.pro:\n    lab-3: 8\nregistry:\n  realm:\n    name: Fern Lab\n',
    );
  });

  it('ends with 8 when bytes do not decode', async () => {
    const agent = fakeAgent({ configuration: () => ({ version: 42, content: 'aa', bytes: 'ff' }) });
    assert.equal((await run('config show', { agent })).code, 8);
  });

  it('verifies every version, and ends with 8 if a check fails', async () => {
    const check = (ok: boolean) => ({ version: 2, check: 'signatures', ok, detail: ok ? '' : '1 of 2' });
    const good = fakeAgent({ verify: () => ({ checks: [check(true)] }) });
    const bad = fakeAgent({ verify: () => ({ checks: [check(true), check(false)] }) });
    assert.equal(
      (await run('config verify', { agent: good })).out,
      '✓ v2 signatures\nEverything holds: 1 check\n',
    );
    const { code, out } = await run('config verify', { agent: bad });
    assert.equal(code, 8);
    assert.match(out, /✗ v2 signatures: 1 of 2\n1 of 2 checks failed/);
  });
});

describe('rollout', () => {
  it('shows where a version stands, within 80 columns', async () => {
    const { agent } = rollingOut([rollout()]);
    const { out } = await run('rollout status', { agent, tty: true, env: { NO_COLOR: '1' } });
    assert.match(out, /^v43 certified \(2 acks of 2, 1 signature of 1\): More seats\nHOST +STATE/);
    assert.match(out, /lab-3 +draining +yes +yes +v42 +1 +1m ago/);
    assert.ok(
      out.split('\n').every((line) => [...line].length <= 80),
      out,
    );
  });

  it('ends with 3 when there is no such version', async () => {
    const { agent } = rollingOut([null]);
    assert.equal((await run('rollout status v99', { agent })).code, 3);
  });

  it('says exactly what it waits for, everywhere or on one host', async () => {
    const { agent } = rollingOut([rollout()]);
    const all = await run('rollout why', { agent });
    assert.match(all.out, /^lab-3 still has sim\.pro of ana/);
    assert.equal((await run('rollout why lab-3', { agent })).out, all.out);
    assert.equal(
      (await run('rollout why ws01', { agent })).out,
      'v43 waits for nothing on ws01, where it is acked\n',
    );
    assert.equal((await run('rollout why nobody', { agent })).code, 3);
  });

  it('watches: a line for each change, until all have applied it', async () => {
    const { advance, agent } = rollingOut([rollout(), EVERYWHERE]);
    const io = fakeIo({ agent });
    const ending = main(['rollout', 'watch'], io);
    await until(() => io.out.length >= 3);
    advance();
    const { code, out } = await ran(io, ending);
    assert.equal(code, 0);
    assert.deepEqual(
      out.split('\n').map((line) => line.replace(/^17:46 UTC {2}/, '')),
      [
        'v43 certified (2 acks of 2, 1 signature of 1): More seats',
        'lab-3: draining, 1 lease left',
        'ws01: acked',
        'lab-3: applied',
        'ws01: applied',
        '✓ v43 is applied everywhere: 2 hosts',
        '',
      ],
    );
  });

  it('watches in NDJSON', async () => {
    const { agent } = rollingOut([EVERYWHERE]);
    const { out } = await run('rollout watch --json', { agent });
    const kinds = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    assert.deepEqual(kinds, ['RolloutProgress', 'RolloutHost', 'RolloutHost', 'RolloutEnd']);
  });

  it('stops watching when interrupted', async () => {
    const { agent } = rollingOut([rollout()]);
    const io = fakeIo({ agent });
    const ending = main(['rollout', 'watch'], io);
    await until(() => io.out.length >= 3);
    io.signal('SIGINT');
    assert.equal((await ran(io, ending)).code, 130);
  });

  it('ends a wait with 12 and what is lacking when the time has run out', async () => {
    const { agent } = rollingOut([rollout()]);
    const io = fakeIo({ agent });
    const ending = main('rollout wait --timeout 30m --json'.split(' '), io);
    await until(() => agent.asked.filter((method) => method === 'rollout').length === 2);
    io.timers.find(({ span }) => span === 1800)?.fire();
    const { code, err } = await ran(io, ending);
    assert.equal(code, 12);
    const { error } = JSON.parse(err);
    assert.equal(error.code, 'TIMED_OUT');
    assert.match(error.message, /lab-3 still has sim\.pro/);
  });

  it('looks again by itself, since an agent that is gone tells nothing', async () => {
    const { agent } = rollingOut([rollout()]);
    const io = fakeIo({ agent });
    const ending = main(['rollout', 'wait'], io);
    const looks = () => agent.asked.filter((method) => method === 'rollout').length;
    await until(() => looks() === 2 && io.timers.some(({ span }) => span === 5));
    io.timers.find(({ span }) => span === 5)?.fire();
    await until(() => looks() === 3);
    io.signal('SIGINT');
    assert.equal((await ran(io, ending)).code, 130);
  });

  const goals: readonly [goal: string, report: RolloutReport, exit: number][] = [
    ['certified', rollout(), 0],
    ['here', EVERYWHERE, 0],
    ['applied', EVERYWHERE, 0],
    ['certified', rollout({ certified: false, refused: 'content-differs' }), 13],
  ];
  for (const [goal, report, exit] of goals) {
    it(`ends with ${exit} for ${goal} of ${report.refused ?? report.hosts[0]?.state}`, async () => {
      const { agent } = rollingOut([report]);
      assert.equal((await run(`rollout wait v43 --for ${goal}`, { agent })).code, exit);
    });
  }

  it('is what reread shows, with a word on why nothing has to be read', async () => {
    const { agent } = rollingOut([rollout()]);
    const { code, err, out } = await run('reread', { agent });
    assert.equal(code, 0);
    assert.match(err, /Nothing has to be read again/);
    assert.match(out, /^v43 certified/);
  });
});

describe('status', () => {
  const draining: StatusReport = {
    ...QUIET,
    newest: 43,
    draining: true,
    pending: rollout(),
    leases: [
      { ...leaseOf('sim.pro', 'solver', 4802, 7200), state: 'active', freesIn: null },
      { ...leaseOf('sim.mesh', 'mesher', 4810, 720), state: 'orphaned', freesIn: 20 },
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
    [
      'it is not a member yet',
      { applied: null, host: { id: 'x', name: 'x', log: 1, class: null, roles: [] } },
      /config publish/,
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
    ['there is an alarm', { alarms: [{ code: 'fork', text: 'ws01 has forked' }] }, /! ws01 has forked/],
  ];
  for (const [why, change, said] of steps) {
    it(`says what to do next when ${why}`, async () => {
      const { out } = await run('status', { agent: fakeAgent({ status: () => ({ ...QUIET, ...change }) }) });
      assert.match(out, said);
    });
  }

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
