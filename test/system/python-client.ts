import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { answerWhen } from '../support/agent-world.ts';
import { shown, succeeds, withLab } from '../support/lab.ts';
import { type Host, type Running, startOn } from '../support/programs.ts';

const CLIENT = fileURLToPath(new URL('../../../examples/python/leasehold_client.py', import.meta.url));

function wrapped(host: Host, ...args: readonly string[]): Running {
  return startOn(host, ['python3', CLIENT, ...args]);
}

function installPython(): void {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
  } catch {
    execFileSync('apt-get', ['install', '-y', 'python3-minimal', 'libpython3-stdlib'], { stdio: 'inherit' });
  }
}

const listed = async (host: Host) =>
  (await shown(host.run('lease list --json'))) as readonly { readonly id: string; readonly state: string }[];

describe('the Python client', () => {
  before(installPython).timeout(300_000);

  it('runs a command under a seat and ends as the command does', () =>
    withLab({}, async ({ founder }) => {
      const script = 'import os, sys; print(os.environ["LEASEHOLD_LEASE"]); sys.exit(7)';
      const { code, stdout } = await wrapped(founder, 'sim.pro', '--', 'python3', '-c', script).finished;
      assert.equal(code, 7);
      assert.match(stdout, /^[0-9a-f]{20}\n$/);
      assert.deepEqual(await listed(founder), []);
      assert.equal((await wrapped(founder, 'sim.pro', '--', 'sh', '-c', 'kill -TERM $$').finished).code, 143);
      const refused = await wrapped(founder, 'nonsense', '--', 'true').finished;
      assert.deepEqual([refused.code, refused.stdout], [125, '']);
      assert.match(refused.stderr, /^No seat of nonsense: unknown feature: no feature nonsense$/m);
    })).timeout(60_000);

  it('says that its command is in use when that sends it SIGUSR1', () =>
    withLab({}, async ({ client, founder }) => {
      const agent = await client(founder);
      const idle = async () => (await agent.request('leases', {})).map((lease) => lease.idle);
      const program = wrapped(founder, 'sim.pro', '--', 'sh', '-c', 'read go; kill -USR1 $PPID; exec cat');
      await answerWhen(agent, idle, (all) => all.length === 1);
      assert.deepEqual(await idle(), [null]);
      program.child.stdin?.write('go\n');
      const [silence] = await answerWhen(agent, idle, ([spoken]) => spoken !== null);
      assert.equal(typeof silence, 'number');
      program.child.stdin?.end();
      await succeeds(program.finished);
    })).timeout(60_000);

  it('leaves the seat to a command that runs on when the client is killed', () =>
    withLab({}, async ({ client, founder }) => {
      const agent = await client(founder);
      const leases = () => agent.request('leases', {});
      const clients = async () => (await agent.request('status', {})).agent.clients;
      const program = wrapped(founder, 'sim.pro', '--', 'sh', '-c', 'echo $$; exec tail -f /dev/null');
      const pid = Number(await program.line(/^\d+$/));
      const before = await clients();
      program.child.kill('SIGKILL');
      await answerWhen(agent, clients, (now) => now < before);
      assert.deepEqual(
        (await leases()).map(({ process, state }) => [process.pid, state]),
        [[pid, 'active']],
      );
      process.kill(pid, 'SIGKILL');
      await answerWhen(agent, leases, (all) => all.length === 0);
    })).timeout(60_000);

  it('waits in the queue, passes signals on, and keeps its seat while the agent is killed', () =>
    withLab({}, async ({ client, founder }) => {
      const eight = Array.from({ length: 8 }, () => wrapped(founder, 'sim.pro', '--', 'cat'));
      const agent = await client(founder);
      await answerWhen(
        agent,
        () => agent.request('leases', {}),
        (leases) => leases.length === 8,
      );
      const waiting = wrapped(founder, 'sim.pro', '--wait', '--', 'sh', '-c', 'echo working; exec cat');
      await waiting.line(/place 1 in the queue/);
      for (const one of eight) one.child.stdin?.end();
      for (const one of eight) await succeeds(one.finished);
      await waiting.line(/^working$/);
      const [before] = await listed(founder);
      process.kill(agent.hello.pid, 'SIGKILL');
      await listed(founder);
      const next = await client(founder);
      const after = await answerWhen(
        next,
        () => next.request('leases', {}),
        ([lease]) => lease?.state === 'active',
      );
      assert.deepEqual(
        after.map(({ id }) => id),
        [before?.id],
      );
      waiting.child.kill('SIGTERM');
      assert.equal((await waiting.finished).code, 143);
      assert.deepEqual(await listed(founder), []);
    })).timeout(60_000);
});
