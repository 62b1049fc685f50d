import assert from 'node:assert/strict';
import type { RolloutReport } from '../../core/agent/rollout-report.ts';
import { main } from '../../core/cli/main.ts';
import { REVOKED } from '../support/fake-agent.ts';
import { fakeIo, ran, run, until } from '../support/fake-io.ts';
import { EVERYWHERE, host, rollingOut, rollout } from '../support/rollouts.ts';

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

  it('says once that the relay is gone, again when it is back, and names it where the time runs out', async () => {
    const unreached = 'wss://relay.example cannot be reached since 17:00';
    const gone = rollout({ unreached, why: [unreached, 'ws01 has not acked'] });
    const { advance, agent } = rollingOut([gone, gone, rollout(), gone]);
    const io = fakeIo({ agent });
    const ending = main('rollout wait --for applied --timeout 9s'.split(' '), io);
    const said = (text: string) => io.err.join('').split(text).length - 1;
    await until(() => said(unreached) === 1);
    advance();
    advance();
    await until(() => said('can be reached again') === 1);
    advance();
    await until(() => said(unreached) === 2);
    io.timers.find(({ span }) => span === 9)?.fire();
    const { code, err } = await ran(io, ending);
    assert.equal(code, 12);
    assert.match(err, /ran out: wss:\/\/relay\.example cannot be reached .*; ws01 has not acked/);
  });

  it('says of one host what it waits for, and that nothing is heard of it', async () => {
    const unreached = 'wss://relay.example cannot be reached';
    const causes: RolloutReport['causes'] = [
      { kind: 'unreached', text: unreached },
      { kind: 'silent-voter', voter: 'lab-3', lastSeen: null, text: 'lab-3 has not acked' },
      { kind: 'silent-voter', voter: 'ws01', lastSeen: null, text: 'ws01 has not acked' },
    ];
    const { agent } = rollingOut([rollout({ unreached, causes, why: causes.map(({ text }) => text) })]);
    const { out } = await run('rollout why ws01', { agent });
    assert.equal(out, `${unreached}\nws01 has not acked\n`);
  });

  it('waits for no host that is shut out, and says which that is', async () => {
    const restriction = {
      kind: 'revoked',
      by: 'lab-3',
      reason: 'stolen',
      since: null,
      seatsUntil: null,
    } as const;
    const { agent } = rollingOut([
      rollout({
        hosts: [
          host('lab-3', { state: 'applied', appliedVersion: 43 }),
          host('ws01', { state: 'restricted', restriction }),
        ],
      }),
    ]);
    const { code, out } = await run('rollout wait --for applied', { agent });
    assert.equal(code, 0);
    assert.match(out, /v43 is applied everywhere: 1 host; not by ws01, shut out/);
    assert.match((await run('rollout status', { agent })).out, /ws01 +revoked/);
  });

  for (const [state, after] of [
    ['restricted', '; more are opened to it until a version is without it'],
    ['superseded', ''],
  ] as const) {
    it(`shows of a host that is shut out and ${state} until when it may use its seats`, async () => {
      const { id: _, member: __, ...restriction } = REVOKED;
      const hosts = [
        host('lab-3', { restriction: { ...restriction, seatsUntil: null } }),
        host('ws02', { state, restriction }),
        host('ws01'),
      ];
      const { agent } = rollingOut([rollout({ hosts, why: ['ws01 has not acked'] })]);
      const { out } = await run('rollout status', { agent });
      assert.deepEqual(out.trimEnd().split('\n').slice(5), [
        `! ws02 may use its seats until 2030-03-24 00:00 UTC, by the terms opened so far${after}`,
        '! ws01 has not acked',
      ]);
      const { out: json } = await run('rollout status --json', { agent });
      assert.equal(JSON.parse(json).data.hosts[1].restriction.seatsUntil, REVOKED.seatsUntil);
    });
  }

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
    ['here', rollout({ hosts: [host('lab-3', { appliedVersion: 43 }), host('ws01')] }), 0],
    ['certified', rollout({ certified: false, refused: 'content-differs' }), 13],
  ];
  for (const [goal, report, exit] of goals) {
    it(`ends with ${exit} for ${goal} of ${report.refused ?? report.hosts[0]?.state}`, async () => {
      const { agent } = rollingOut([report]);
      assert.equal((await run(`rollout wait v43 --for ${goal}`, { agent })).code, exit);
    });
  }

  it('counts as applied everywhere without a host that the version no longer names', async () => {
    const gone = host('ws01', { state: 'superseded' });
    const { agent } = rollingOut([rollout({ hosts: [host('lab-3', { appliedVersion: 43 }), gone] })]);
    const { code, out } = await run('rollout wait v43', { agent });
    assert.deepEqual([code, out], [0, '✓ v43 is applied everywhere: 1 host\n']);
  });

  for (const goal of ['here', 'applied']) {
    it(`waits on for ${goal} while only another host has applied it`, async () => {
      const { advance, agent } = rollingOut([
        rollout({ hosts: [host('lab-3'), host('ws01', { appliedVersion: 43 })] }),
        EVERYWHERE,
      ]);
      const io = fakeIo({ agent });
      const ending = main(['rollout', 'wait', '--for', goal], io);
      await until(() => agent.asked.filter((method) => method === 'rollout').length === 2);
      assert.deepEqual(io.out, []);
      advance();
      assert.equal((await ran(io, ending)).code, 0);
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
