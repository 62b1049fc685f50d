import assert from 'node:assert/strict';
import { main } from '../../core/cli/main.ts';
import type { Lease } from '../../core/engine/lease.ts';
import { Fault } from '../../core/errors.ts';
import { type Hash, type PrincipalId, seconds } from '../../core/units.ts';
import { type FakeAgent, fakeAgent } from '../support/fake-agent.ts';
import { fakeIo, NOW, ran, run, type Setting, until } from '../support/fake-io.ts';

const LEASE: Lease = {
  id: 'c0ffee',
  secret: 's',
  feature: 'sim.pro',
  user: 'ana' as PrincipalId,
  process: { tool: 'make', pid: 900, startTime: null },
  tie: 'connection',
  host: 'lab-3' as PrincipalId,
  version: 1,
  versionId: '00'.repeat(32) as Hash,
  since: seconds(NOW),
  end: seconds(NOW + 600),
};

function granting(): FakeAgent {
  return fakeAgent({}, (command) =>
    command.do === 'checkout'
      ? { ok: true, kind: 'lease', lease: LEASE }
      : { ok: true, kind: 'returned', leases: [] },
  );
}

function returned(agent: FakeAgent): boolean {
  return agent.commands.some((command) => command.do === 'return' && command.lease === LEASE.id);
}

function start(line: string, setting: Setting = {}) {
  const agent = granting();
  const io = fakeIo({ agent, child: 'runs', ...setting });
  const ending = main(line.split(' '), io);
  return { agent, io, ending, running: () => until(() => io.spawned.length > 0) };
}

/** A machine that has the program. */
const MAKE: Setting = { env: { PATH: '/bin:/usr/bin' }, places: { '/usr/bin/make': placeOf(0o755) } };

function placeOf(mode: number) {
  return { real: '', mode, uid: 0, fileSystem: null, freeBytes: null };
}

describe('lease run', () => {
  it('takes a seat for the program, runs it, and gives the seat back', async () => {
    const agent = granting();
    const { code, io } = await run('lease run --feature sim.pro -- make -j4 --json all', { agent });
    assert.equal(code, 0);
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.deepEqual(io.spawned, [
      {
        command: 'make',
        args: ['-j4', '--json', 'all'],
        env: { LEASEHOLD_LEASE: command.id, LEASEHOLD_FEATURE: 'sim.pro' },
      },
    ]);
    assert.deepEqual(command.request.process, { tool: 'make', pid: 901, startTime: 'boot:901' });
    assert.equal(command.request.tie, 'process');
    assert.ok(returned(agent));
    assert.deepEqual(io.out, []);
  });

  it('takes the seat for itself where a program cannot be held back until there is one', async () => {
    const agent = granting();
    await run('lease run --feature sim.pro -- make', { agent, pid: null });
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.deepEqual(command.request.process, { tool: 'make', pid: 900, startTime: 'boot:900' });
    assert.equal(command.request.tie, 'connection');
  });

  it('holds the program back until there is a seat, and ends it unrun when a signal comes before', async () => {
    const agent = fakeAgent({}, () => new Promise(() => undefined));
    const io = fakeIo({ agent, child: 'runs' });
    const ending = main('run --feature sim.pro -- tool'.split(' '), io);
    await until(() => agent.commands.length > 0);
    io.signal('SIGTERM');
    assert.equal((await ran(io, ending)).code, 130);
    assert.deepEqual([io.spawned, io.killed], [[], ['SIGKILL']]);
  });

  it('passes on a signal that comes the moment that the program runs', async () => {
    const { ending, io, running } = start('run --feature sim.pro -- tool', { sentAtOnce: ['SIGTERM'] });
    await running();
    assert.deepEqual(io.killed, ['SIGTERM']);
    io.endChild({ kind: 'signalled', signal: 'SIGTERM', number: 15 });
    assert.equal((await ran(io, ending)).code, 143);
  });

  it('takes no seat for a program that is not there', async () => {
    const agent = granting();
    const { code, err } = await run('run --feature sim.pro -- tool', { agent, env: { PATH: '/bin' } });
    assert.deepEqual([code, agent.commands], [127, []]);
    assert.match(err, /there is no program tool/);
  });

  it('takes and runs nothing in a dry run', async () => {
    const agent = granting();
    const { code, io, out } = await run('run --feature sim.pro -n -- make -n all', { agent, ...MAKE });
    assert.deepEqual([code, io.spawned, agent.commands], [0, [], []]);
    assert.equal(out, 'Would check out sim.pro for ana, and run make -n all\n');
  });

  const programs: readonly [program: string, setting: Setting, exit: number][] = [
    ['make', { ...MAKE, places: {} }, 127],
    ['make', {}, 0],
    ['make', { ...MAKE, places: { '/bin/make': placeOf(0o644) } }, 126],
    ['make', { ...MAKE, places: { ...MAKE.places, '/bin/make': placeOf(0o644) } }, 0],
    ['./make', { ...MAKE, places: { make: placeOf(0o755) } }, 0],
    ['./make', MAKE, 127],
  ];
  for (const [program, setting, exit] of programs) {
    it(`foresees in a dry run that ${program} ends it with ${exit}`, async () => {
      const agent = granting();
      const { code } = await run(`run --feature sim.pro -n -- ${program}`, { agent, ...setting });
      assert.equal(code, exit);
    });
  }

  const ends: readonly [why: string, child: Setting['child'], exit: number][] = [
    ['passes on the exit code of the program', { kind: 'exited', code: 3 }, 3],
    ['passes on an exit code that is one of ours', { kind: 'exited', code: 9 }, 9],
    [
      'adds 128 to the signal that ended the program',
      { kind: 'signalled', signal: 'SIGTERM', number: 15 },
      143,
    ],
    ['ends with 127 when the program is not found', { kind: 'not-started', why: 'not-found' }, 127],
    [
      'ends with 126 when the program cannot be executed',
      { kind: 'not-started', why: 'not-executable' },
      126,
    ],
  ];
  for (const [why, child, exit] of ends) {
    it(`${why}, and gives the seat back`, async () => {
      const agent = granting();
      const { code } = await run('run --feature sim.pro -- tool', { agent, ...(child ? { child } : {}) });
      assert.equal(code, exit);
      assert.ok(returned(agent));
    });
  }

  const failures: readonly [why: string, agent: FakeAgent | Fault][] = [
    ['there is no seat', fakeAgent({}, () => ({ ok: false, reason: 'no-seat', detail: '8 of 8' }))],
    ['it has expired', fakeAgent({}, () => ({ ok: false, reason: 'expired', detail: '' }))],
    ['the agent cannot be reached', new Fault('AGENT_UNAVAILABLE')],
  ];
  for (const [why, agent] of failures) {
    it(`ends with 125 and the reason, and runs nothing, when ${why}`, async () => {
      const { code, err, io } = await run('lease run --feature sim.pro -- tool', { agent });
      assert.equal(code, 125);
      assert.match(err, /^✗ /);
      assert.deepEqual(io.spawned, []);
    });
  }

  const slips = ['lease run -- tool', 'run --feature sim.pro', 'lease run --featrue sim.pro -- tool'];
  for (const line of slips) {
    it(`ends with 125, which is no code of a program, for ${JSON.stringify(line)}`, async () => {
      assert.equal((await run(line, { agent: granting() })).code, 125);
    });
  }

  it('forwards what programs have a meaning of their own for, and dies of none of it before they run', async () => {
    const { ending, io, running } = start('run --feature sim.pro -- tool');
    io.signal('SIGUSR1');
    await running();
    const signals = ['SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const;
    for (const signal of signals) io.signal(signal);
    assert.deepEqual(io.killed, signals);
    io.endChild({ kind: 'signalled', signal: 'SIGQUIT', number: 3 });
    assert.equal((await ran(io, ending)).code, 131);
  });

  it('forwards SIGTERM and SIGHUP, and an interrupt that no terminal has sent to the program already', async () => {
    const { ending, io, running } = start('run --feature sim.pro -- tool');
    await running();
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) io.signal(signal);
    assert.deepEqual(io.killed, ['SIGTERM', 'SIGHUP', 'SIGINT']);
    io.endChild({ kind: 'signalled', signal: 'SIGINT', number: 2 });
    assert.equal((await ran(io, ending)).code, 130);
  });

  it('leaves Ctrl-C to the terminal, and forces the end at the second', async () => {
    const { agent, ending, io, running } = start('run --feature sim.pro -- tool', { tty: true });
    await running();
    io.signal('SIGINT');
    assert.deepEqual(io.killed, []);
    io.signal('SIGINT');
    assert.deepEqual(io.killed, ['SIGKILL']);
    io.endChild({ kind: 'signalled', signal: 'SIGKILL', number: 9 });
    assert.equal((await ran(io, ending)).code, 137);
    assert.ok(returned(agent));
  });

  const drains: readonly [option: string, killed: string[]][] = [
    ['', []],
    ['--on-drain=ignore ', []],
    ['--on-drain=signal ', ['SIGTERM']],
  ];
  for (const [option, killed] of drains) {
    it(`says that the seat is wanted back, and sends ${killed.join() || 'nothing'} with ${option || 'no option'}`, async () => {
      const { agent, ending, io, running } = start(`run --feature sim.pro ${option}-- tool`);
      await running();
      agent.push({ event: 'lease', lease: 'another', state: 'draining' });
      agent.push({ event: 'lease', lease: LEASE.id, state: 'draining' });
      io.endChild({ kind: 'exited', code: 0 });
      const { err } = await ran(io, ending);
      assert.deepEqual(io.killed, killed);
      assert.equal(err.split('wanted back').length, 2);
    });
  }

  it('says that the seat was taken back from a program that was not in use', async () => {
    const { agent, ending, io, running } = start('run --feature sim.pro --on-drain=signal -- tool');
    await running();
    agent.push({ event: 'lease', lease: LEASE.id, state: 'idle' });
    io.endChild({ kind: 'exited', code: 0 });
    const { err } = await ran(io, ending);
    assert.match(err, /The seat of this program has been taken back, for it was not in use/);
    assert.deepEqual(io.killed, ['SIGTERM']);
  });

  it('does not let an agent that hangs hold up the end for more than 2 s', async () => {
    const agent = fakeAgent({}, (command) =>
      command.do === 'checkout' ? { ok: true, kind: 'lease', lease: LEASE } : new Promise(() => undefined),
    );
    const io = fakeIo({ agent, child: { kind: 'exited', code: 5 } });
    const ending = main('run --feature sim.pro -- tool'.split(' '), io);
    await until(() => io.timers.length > 0);
    assert.equal(io.timers[0]?.span, 2);
    io.timers[0]?.fire();
    assert.equal((await ran(io, ending)).code, 5);
  });
});
