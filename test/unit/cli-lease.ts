import assert from 'node:assert/strict';
import { main } from '../../core/cli/main.ts';
import type { CommandReason } from '../../core/engine/effect.ts';
import { Fault } from '../../core/errors.ts';
import { type FakeAgent, fakeAgent } from '../support/fake-agent.ts';
import { fakeIo, ran, run, type Setting, until } from '../support/fake-io.ts';
import { granting, LEASE, refusing } from '../support/leases.ts';

describe('lease checkout', () => {
  it('ties the lease to the process that called, and prints id and end', async () => {
    const agent = granting();
    const { code, err, out } = await run('lease checkout sim.pro', { agent });
    assert.equal(code, 0, err);
    assert.equal(out, 'b1946ac92492d2347c62  sim.pro  until 17:56 UTC\n');
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.deepEqual(command.request, {
      feature: 'sim.pro',
      user: 'ana',
      process: { tool: 'shell', pid: 800, startTime: 'boot:800' },
      tie: 'process',
      wait: false,
    });
    assert.ok(agent.isClosed);
  });

  it('shows the token to programs, and never the secret', async () => {
    const { out } = await run('lease checkout sim.pro --json', { agent: granting() });
    const { data, kind } = JSON.parse(out);
    assert.equal(kind, 'Lease');
    assert.equal(data.token, 'a.jwt.token');
    assert.ok(!out.includes(LEASE.secret));
  });

  it('draws a new id and secret for every lease', async () => {
    const agent = granting();
    await run('checkout sim.pro', { agent });
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.equal(command.id.length, 20);
    assert.equal(command.secret.length, 64);
    assert.notEqual(command.id, command.secret.slice(0, 20));
  });

  it('names the user and the tool that it is told', async () => {
    const agent = granting();
    await run('checkout sim.pro --user ben --tool mesher', { agent });
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.equal(command.request.user, 'ben');
    assert.equal(command.request.process.tool, 'mesher');
  });

  it('ties the lease to another process that is named', async () => {
    const agent = granting();
    await run('checkout sim.pro --pid 4242', { agent });
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.deepEqual([command.request.process.pid, command.request.process.startTime], [4242, 'boot:4242']);
  });

  it('takes nothing for a process that is gone, dry run or not', async () => {
    for (const line of ['checkout sim.pro --pid 4242', 'checkout sim.pro --pid 4242 -n']) {
      const agent = granting();
      const { code, err } = await run(line, { agent, gone: [4242] });
      assert.deepEqual([code, agent.commands], [3, []]);
      assert.match(err, /there is no process 4242/);
    }
  });

  const names: readonly [why: string, setting: Setting, user: string][] = [
    ['LEASEHOLD_USER', { env: { LEASEHOLD_USER: 'ben' }, login: 'root' }, 'ben'],
    ['USER', { env: {}, login: 'root' }, 'ana'],
    ['the system', { env: { USER: '' }, login: 'root' }, 'root'],
    ['nobody', { env: { USER: '' } }, 'unknown'],
  ];
  for (const [why, setting, user] of names) {
    it(`is for whom ${why} names`, async () => {
      const agent = granting();
      await run('checkout sim.pro', { agent, ...setting });
      const [command] = agent.commands;
      assert.equal(command?.do === 'checkout' && command.request.user, user);
    });
  }

  it('asks nothing of the agent in a dry run', async () => {
    const agent = granting();
    const { code, out } = await run('checkout sim.pro -n', { agent });
    assert.equal(code, 0);
    assert.equal(out, 'Would check out sim.pro for ana and shell, while process 800 lives\n');
    assert.deepEqual(agent.commands, []);
  });

  const denials: readonly [reason: CommandReason, exit: number][] = [
    ['no-seat', 6],
    ['expired', 7],
    ['user-not-entitled', 7],
    ['unknown-feature', 7],
    ['offline-too-long', 11],
    ['draining', 13],
    ['not-a-member', 4],
  ];
  for (const [reason, exit] of denials) {
    it(`ends with ${exit} when the answer is ${reason}`, async () => {
      const { code, err, out } = await run('checkout sim.pro --json', { agent: refusing(reason) });
      assert.equal(code, exit);
      assert.equal(out, '');
      assert.equal(JSON.parse(err).error.code, reason.toUpperCase().replaceAll('-', '_'));
    });
  }

  it('waits in the queue until the seat is granted', async () => {
    const agent = fakeAgent({}, () => ({ ok: true, kind: 'queued', ticket: 9, position: 2 }));
    const io = fakeIo({ agent });
    const ending = main(['checkout', 'sim.pro', '--wait'], io);
    await until(() => io.err.length > 0);
    agent.push({ event: 'granted', ticket: 8, lease: { ...LEASE, id: 'somebody elses' } });
    agent.push({ event: 'granted', ticket: 9, lease: LEASE, token: 't' });
    const { code, err, out } = await ran(io, ending);
    assert.equal(code, 0);
    assert.match(err, /place 2 in the queue/);
    assert.match(out, /^b1946ac92492d2347c62 /);
  });

  it('takes a seat that is granted before the ticket is known', async () => {
    const agent: FakeAgent = fakeAgent({}, () => {
      agent.push({ event: 'granted', ticket: 9, lease: LEASE });
      return { ok: true, kind: 'queued', ticket: 9, position: 1 };
    });
    const { code } = await run('checkout sim.pro --wait', { agent });
    assert.equal(code, 0);
  });

  it('ends with the reason when the queue turns it away', async () => {
    const agent: FakeAgent = fakeAgent({}, () => {
      agent.push({ event: 'denied', ticket: 9, reason: 'expired', detail: 'since yesterday' });
      return { ok: true, kind: 'queued', ticket: 9, position: 1 };
    });
    const { code, err } = await run('checkout sim.pro --wait', { agent });
    assert.equal(code, 7);
    assert.match(err, /expired: since yesterday/);
  });

  it('leaves the queue when its time has run out', async () => {
    const agent = fakeAgent({}, () => ({ ok: true, kind: 'queued', ticket: 9, position: 1 }));
    const io = fakeIo({ agent });
    const ending = main(['checkout', 'sim.pro', '--wait', '--timeout', '5m'], io);
    await until(() => io.timers.length > 0);
    assert.equal(io.timers[0]?.span, 300);
    io.timers[0]?.fire();
    const { code } = await ran(io, ending);
    assert.equal(code, 12);
    assert.deepEqual(agent.commands.at(-1), { do: 'cancel', ticket: 9 });
  });

  it('leaves the queue when interrupted', async () => {
    const agent = fakeAgent({}, () => ({ ok: true, kind: 'queued', ticket: 9, position: 1 }));
    const io = fakeIo({ agent });
    const ending = main(['checkout', 'sim.pro', '--wait'], io);
    await until(() => io.err.length > 0);
    io.signal('SIGINT');
    assert.equal((await ran(io, ending)).code, 130);
    assert.deepEqual(agent.commands.at(-1), { do: 'cancel', ticket: 9 });
  });

  it('holds with --hold until interrupted, then returns', async () => {
    const agent = granting();
    const io = fakeIo({ agent });
    const ending = main(['checkout', 'sim.pro', '--hold'], io);
    await until(() => io.err.join('').includes('Ctrl-C'));
    const [command] = agent.commands;
    assert.ok(command?.do === 'checkout');
    assert.equal(command.request.tie, 'connection');
    assert.equal(command.request.process.pid, 900);
    assert.ok(!agent.isClosed, 'the connection must stay');
    io.signal('SIGINT');
    assert.equal((await ran(io, ending)).code, 130);
    assert.deepEqual(agent.commands.at(-1), { do: 'return', lease: LEASE.id, reason: 'interrupted' });
  });

  it('takes the lease up again by its secret when the agent restarts under --hold', async () => {
    const [before, after] = [granting(), granting()];
    const io = fakeIo({ agent: [before, new Fault('AGENT_UNAVAILABLE'), after] });
    const ending = main(['checkout', 'sim.pro', '--hold'], io);
    await until(() => io.err.join('').includes('Ctrl-C'));
    before.cut();
    await until(() => io.timers.length > 0);
    io.timers.at(-1)?.fire();
    await until(() => after.commands.length > 0);
    assert.deepEqual(after.commands, [{ do: 'attach', lease: LEASE.id, secret: LEASE.secret }]);
    io.signal('SIGTERM');
    assert.equal((await ran(io, ending)).code, 130);
    assert.deepEqual(after.commands.at(-1), { do: 'return', lease: LEASE.id, reason: 'interrupted' });
  });

  it('stops holding when the lease is removed', async () => {
    const agent = granting();
    const io = fakeIo({ agent });
    const ending = main(['checkout', 'sim.pro', '--hold'], io);
    await until(() => io.err.join('').includes('Ctrl-C'));
    agent.push({ event: 'lease', lease: 'another', state: 'removed' });
    agent.push({ event: 'lease', lease: LEASE.id, state: 'draining' });
    agent.push({ event: 'lease', lease: LEASE.id, state: 'removed' });
    const { code, err } = await ran(io, ending);
    assert.equal(code, 13);
    assert.match(err, /new version waits for this seat.*\n.*is over: removed/);
  });
});
