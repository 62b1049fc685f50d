import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, realpath, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, makeHost, type Relay, startRelay } from '../support/programs.ts';
import { removeTree } from '../support/temp-dir.ts';

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly process: { readonly pid: number; readonly tool: string };
}

describe('leases on the command line', () => {
  let root: string;
  let relay: Relay;
  let host: Host;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
    relay = await startRelay(root);
    host = await makeHost(root, 'ws-01');
    const given = ['--host', 'ws-01', '--person', 'ana', '--relay-key', relay.key];
    const recovery = ['--recovery-file', join(root, 'recovery')];
    const made = await host.run(['init', 'Fern Lab', '--relay', relay.url, ...given, ...recovery]);
    assert.equal(made.code, 0, made.stderr);
    const registry = `
software: { sim: { name: Simulator } }
features: { sim.pro: { name: Solver, software: sim, seats: 1 }, sim.old: { name: Old, software: sim, seats: 1 } }
periods:
  now: { feature: sim.pro, from: 2020-01-01, until: 2099-12-31 }
  past: { feature: sim.old, from: 2020-01-01, until: 2020-12-31 }
`;
    const drafted = await host.run('registry import -', { input: registry });
    assert.equal(drafted.code, 0, drafted.stderr);
    const published = await host.run('config publish -m First --wait');
    assert.equal(published.code, 0, published.stderr);
  });

  after(async () => {
    await host.run('agent stop --force');
    await relay.stop();
    await removeTree(root);
  });

  const listed = async () =>
    (JSON.parse((await host.run('lease list --json')).stdout) as { items: Listed[] }).items;

  it('outlive the command that took them, and are refused, checked and returned by their id', async () => {
    const taken = await host.run('checkout sim.pro --json');
    assert.equal(taken.code, 0, taken.stderr);
    const { data } = JSON.parse(taken.stdout);
    assert.equal(data.token.split('.').length, 3);
    const [lease] = await listed();
    assert.deepEqual([lease?.id, lease?.state, lease?.process.pid], [data.id, 'active', process.pid]);

    const second = await host.run('checkout sim.pro --json');
    assert.equal(second.code, 6);
    assert.equal(JSON.parse(second.stderr).error.code, 'NO_SEAT');
    assert.deepEqual(await host.run('lease check sim.pro -q'), { code: 6, stdout: '', stderr: '' });

    const returned = await host.run(['return', data.id.slice(0, 6)]);
    assert.equal(returned.code, 0, returned.stderr);
    assert.equal((await host.run('lease check sim.pro -q')).code, 0);
  });

  it('are refused when expired, and for what is not there', async () => {
    assert.equal((await host.run('lease check sim.old -q')).code, 7);
    assert.equal((await host.run('checkout sim.old')).code, 7);
    assert.equal((await host.run('checkout nonsense')).code, 7);
    assert.equal((await host.run('lease check nonsense')).code, 7);
    assert.equal((await host.run('checkout sim.pro --user nobody')).code, 7);
  });

  it('wrap a program: its exit code, its signal, and what keeps it from starting', async () => {
    await writeFile(join(root, 'data.txt'), 'no program');
    await chmod(join(root, 'data.txt'), 0o600);
    const cases: readonly [program: readonly string[], code: number][] = [
      [[process.execPath, '-e', 'process.exit(7)'], 7],
      [[process.execPath, '-e', "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)"], 143],
      [['leasehold-there-is-no-such-program'], 127],
      [[join(root, 'data.txt')], 126],
    ];
    for (const [program, code] of cases) {
      const ran = await host.run(['lease', 'run', '--feature', 'sim.pro', '--', ...program]);
      assert.equal(ran.code, code, ran.stderr);
      assert.deepEqual(await listed(), []);
    }
    const refused = await host.run(['run', '--feature', 'sim.old', '--', process.execPath, '-e', '']);
    assert.equal(refused.code, 125);
    assert.match(refused.stderr, /^✗ expired/);
  });

  it('give a wrapped program its standard streams and the id of its lease', async () => {
    const program = ['-e', 'process.stdin.pipe(process.stdout); console.log(process.env.LEASEHOLD_LEASE)'];
    const args = ['run', '--feature', 'sim.pro', '--', process.execPath, ...program];
    const { stdout } = await host.run(args, { input: 'typed\n' });
    assert.match(stdout, /^[0-9a-f]{20}\ntyped\n$/);
  });

  it('are queued for with --wait, and granted when the seat comes back', async () => {
    const sleeper = ['-e', "console.log('working'); setInterval(() => {}, 1000)"];
    const first = host.start(['run', '--feature', 'sim.pro', '--', process.execPath, ...sleeper]);
    await first.line(/^working$/);
    const second = host.start(['run', '--feature', 'sim.pro', '--wait', '--', process.execPath, '-e', '']);
    await second.line(/place 1 in the queue/);
    first.child.kill('SIGTERM');
    assert.equal((await first.finished).code, 143);
    assert.equal((await second.finished).code, 0);
  });

  it('stay with a wrapped program whose wrapper is killed, under its own process, until it ends', async () => {
    const sleeper = ['-e', "console.log('pid', process.pid); setInterval(() => {}, 1000)"];
    const wrapper = host.start(['run', '--feature', 'sim.pro', '--', process.execPath, ...sleeper]);
    const pid = Number((await wrapper.line(/^pid \d+$/)).slice('pid '.length));
    assert.equal((await listed())[0]?.process.pid, pid);
    wrapper.child.kill('SIGKILL');
    assert.equal((await once(wrapper.child, 'exit'))[1], 'SIGKILL');
    // Whoever asks first starts no connection of the dead one's: the agent has heard of its end by then.
    const next = host.start(['run', '--feature', 'sim.pro', '--wait', '--', process.execPath, '-e', '']);
    await next.line(/place 1 in the queue/);
    assert.deepEqual(
      (await listed()).map((lease) => [lease.process.pid, lease.state]),
      [[pid, 'active']],
    );
    assert.equal((await host.run('agent stop')).code, 5);
    process.kill(pid, 'SIGKILL');
    assert.equal((await next.finished).code, 0);
    assert.deepEqual(await listed(), []);
  });

  it('are given to no program whose wrapper was killed while it waited', async () => {
    const ran = join(root, 'ran');
    const holder = host.start(['checkout', 'sim.pro', '--hold']);
    await holder.line(/Ctrl-C/);
    const touch = ['-e', `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '')`];
    const wrapper = host.start(['run', '--feature', 'sim.pro', '--wait', '--', process.execPath, ...touch]);
    await wrapper.line(/place 1 in the queue/);
    wrapper.child.kill('SIGKILL');
    // Its streams are the program's as well: they close when both are gone.
    assert.equal((await wrapper.finished).code, 137);
    await assert.rejects(stat(ran), { code: 'ENOENT' });
    holder.child.kill('SIGTERM');
    await holder.finished;
    assert.deepEqual(await listed(), []);
  });

  it('survive a program that sends a signal to its wrapper at once, and hand it back to the program', async () => {
    const program = "trap 'exit 9' TERM; kill -TERM $PPID; while :; do :; done";
    const ran = await host.run(['run', '--feature', 'sim.pro', '--', '/bin/sh', '-c', program]);
    assert.equal(ran.code, 9, ran.stderr);
    assert.deepEqual(await listed(), []);
  });

  for (const signal of ['USR1', 'QUIT']) {
    it(`pass ${signal} on to the program, and open no debugger`, async () => {
      const program = `trap 'exit 9' ${signal}; kill -${signal} $PPID; while :; do :; done`;
      const ran = await host.run(['run', '--feature', 'sim.pro', '--', '/bin/sh', '-c', program]);
      assert.deepEqual([ran.code, ran.stderr], [9, '']);
    });
  }

  it('leave a wrapped program the environment that it was given', async () => {
    const odd = { 'no.name-of a shell': 'kept', BASH_ENV: join(root, 'data.txt') };
    Object.assign(host.env, odd);
    const show = ['-e', "console.log(process.env['no.name-of a shell'], process.env.BASH_ENV)"];
    const ran = await host.run(['run', '--feature', 'sim.pro', '--', process.execPath, ...show]);
    for (const name of Object.keys(odd)) delete host.env[name];
    assert.deepEqual(ran, { code: 0, stdout: `kept ${odd.BASH_ENV}\n`, stderr: '' });
  });

  it('are held by a command with --hold, and returned when it is interrupted', async () => {
    const holder = host.start(['checkout', 'sim.pro', '--hold']);
    await holder.line(/Ctrl-C/);
    assert.equal((await listed())[0]?.process.pid, holder.child.pid);
    holder.child.kill('SIGINT');
    assert.equal((await holder.finished).code, 130);
    assert.deepEqual(await listed(), []);
  });

  it('are kept by a wrapped program while the agent is killed and comes again', async () => {
    const program = ['-e', "console.log('working'); process.stdin.resume(); setInterval(() => {}, 1000)"];
    const running = host.start(['run', '--feature', 'sim.pro', '--', process.execPath, ...program]);
    await running.line(/^working$/);
    const [before] = await listed();
    const { data } = JSON.parse((await host.run('agent status --json')).stdout);
    process.kill(data.pid, 'SIGKILL');
    await running.line(/The agent is gone/);
    const [after] = await listed();
    assert.equal(after?.id, before?.id);
    assert.notEqual(JSON.parse((await host.run('agent status --json')).stdout).data.pid, data.pid);
    running.child.kill('SIGTERM');
    assert.equal((await running.finished).code, 143);
    assert.deepEqual(await listed(), []);
  });

  it('speak in data, talk and errors, each in its stream, without colour where there is no terminal', async () => {
    const status = await host.run('status');
    assert.match(status.stdout, /^Host +ws-01 \(editor, issuer, voter\)/);
    const failed = await host.run('registry show features/none');
    assert.deepEqual([failed.code, failed.stdout], [3, '']);
    for (const text of [status.stdout, status.stderr, failed.stderr]) assert.ok(!text.includes('\u001b'));
  });

  it('are written to a file that only the user can read', async () => {
    const path = join(root, 'leases.json');
    const { code, stdout } = await host.run(['lease', 'list', '--json', '-o', path]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('belong to a host that is well', async () => {
    const { code, stdout } = await host.run('doctor --json');
    const bad = JSON.parse(stdout).items.filter(({ state }: { state: string }) => state === 'bad');
    assert.deepEqual([code, bad], [0, []]);
    assert.equal((await host.run('config verify')).code, 0);
    assert.equal((await host.run('time status')).code, 0);
  });
});
