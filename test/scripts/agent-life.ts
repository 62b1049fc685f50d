import assert from 'node:assert/strict';
import { join } from 'node:path';
import { verifyLeaseToken } from '../../core/adapters/lease-token.ts';
import type { AgentClient } from '../../core/agent/client.ts';
import type { startAgent } from '../../core/agent/lifecycle.ts';
import type { Methods, PushedEvent } from '../../core/agent/protocol.ts';
import { readRealmFile } from '../../core/agent/realm-file.ts';
import { isFault } from '../../core/errors.ts';
import type { PublicKey } from '../../core/units.ts';
import { type AgentWorld, statusWhen, withAgents } from '../support/agent-world.ts';
import { type LiveRelay, liveRelay } from '../support/live-relay.ts';

const HOLDERS = 10;
const EMBEDDED_ROUNDS = 60;
const PROCESS_ROUNDS = 2;

describe('an agent', () => {
  it('goes when nobody needs it, and whoever comes at that moment is served by the next', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const served = new Set<unknown>();
      for (let round = 0; round < EMBEDDED_ROUNDS; round++) {
        const client = await connectOrStart(world, dataDir, served);
        assert.equal((await client.request('status', {})).newest, 1);
        await client.close();
      }
      await Promise.all([...served].map((agent) => (agent as { stopped: Promise<unknown> }).stopped));
      assert.ok(served.size > 1, `expected several agents, came ${served.size}`);
    }));

  it('goes as a process when nobody needs it, and comes again', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      for (let round = 0; round < PROCESS_ROUNDS; round++) {
        const agent = world.process('--data-dir', dataDir, '--idle', '0.02', '--grace', '2');
        await agent.logged('serving');
        const client = await world.connect(dataDir, { spawn: false });
        await client.close();
        assert.equal(await agent.ended, 0);
      }
    }));

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends in order on ${signal}: clients are told, and the next finds the store in peace`, () =>
      withAgents(async (world) => {
        const dataDir = await world.founded('host');
        const agent = world.process('--data-dir', dataDir, '--idle', '0');
        await agent.logged('serving');
        const client = await world.connect(dataDir, { spawn: false });
        assert.equal((await client.request('status', {})).agent.mode, 'service');
        agent.child.kill(signal);
        await client.closed;
        assert.equal(await agent.ended, 0);
        await assert.rejects(client.request('status', {}), (error) => isFault(error, 'AGENT_UNAVAILABLE'));
        assert.equal((await world.connect(dataDir)).hello.realm, client.hello.realm);
      }));
  }

  it('does not stop with leases unless it is forced, and lists them as orphans after SIGKILL', () =>
    withLeases(async ({ world, dataDir, client, kill }) => {
      const before = await client.request('leases', {});
      assert.deepEqual([before.length, before[0]?.state], [HOLDERS, 'active']);
      assert.deepEqual(await client.request('stop', { force: false }), {
        stopping: false,
        reason: `${HOLDERS} leases are open`,
      });
      await kill();
      const next = await world.connect(dataDir);
      const after = await next.request('leases', {});
      assert.deepEqual(after.map(({ id }) => id).sort(), before.map(({ id }) => id).sort());
      assert.ok(after.every(({ state }) => state === 'orphaned'));
    }));

  it('lets a tool take its lease up again after SIGKILL, with its secret and not without', () =>
    withLeases(async ({ world, dataDir, kill }) => {
      await kill();
      const next = await world.connect(dataDir);
      const attach = (secret: string) => command(next, { do: 'attach', lease: 'lease-3', secret });
      const wrong = await attach('0'.repeat(32));
      assert.equal(wrong.ok ? 'ok' : wrong.reason, 'wrong-secret');
      const right = await attach(secretOf(3));
      assert.ok(right.ok && right.kind === 'lease');
      const [taken] = (await next.request('leases', {})).filter(({ state }) => state === 'active');
      assert.equal(taken?.id, 'lease-3');
    }));

  it('applies nothing after SIGKILL while leases may still be held', () =>
    withLeases(async ({ world, dataDir, client, kill }) => {
      const { registry } = await client.request('registry', { version: 'draft' });
      const renamed = { ...(registry as object), realm: { name: 'Renamed' } };
      await command(client, { do: 'set-registry', registry: renamed });
      await command(client, { do: 'publish', message: 'two', expect: 2 });
      await kill();
      const next = await world.connect(dataDir);
      const status = await next.request('status', {});
      assert.deepEqual([status.newest, status.applied, status.draining], [3, 2, true]);
      assert.equal(status.pending?.why.length, HOLDERS);
      await command(next, { do: 'return-all' });
      assert.equal((await statusWhen(next, ({ applied }) => applied === 3)).draining, false);
    }));

  it('gives with each lease a token that the public key of the host verifies', () =>
    withLeases(async ({ dataDir, granted }) => {
      const { key } = (await readRealmFile(dataDir)) ?? {};
      const [first] = granted;
      assert.ok(first?.ok && first.kind === 'lease');
      const claims = await verifyLeaseToken(first.token ?? '', key as PublicKey);
      assert.ok(claims.ok);
      assert.deepEqual(
        [claims.value.lease, claims.value.user, claims.value.until],
        ['lease-0', 'ana', first.lease.end],
      );
    }));

  it('tells every client of leases and changes, and nobody of a secret', () =>
    withLeases(async ({ world, dataDir, client }) => {
      const seen: PushedEvent[] = [];
      const watcher = await world.connect(dataDir, { spawn: false });
      const returned = new Promise<void>((resolve) => {
        watcher.on((event) => {
          seen.push(event);
          if (event.event === 'lease' && event.state === 'returned') resolve();
        });
      });
      await command(client, { do: 'return', lease: 'lease-5', reason: null });
      await returned;
      assert.ok(seen.some((event) => event.event === 'lease' && event.lease === 'lease-5'));
      assert.equal(JSON.stringify(seen).includes(secretOf(5)), false);
    }));

  it('refuses what has not the form of a request, and goes on', () =>
    withAgents(async (world) => {
      const dataDir = await world.founded('host');
      const client = await world.connect(dataDir);
      const wrong = { command: { do: 'checkout', id: 'x' } } as unknown as Methods['command']['params'];
      await assert.rejects(client.request('command', wrong), {
        name: 'RequestRefused',
        reason: 'invalid-params',
      });
      const none = client.request('registry', { version: 9 });
      await assert.rejects(none, { name: 'RequestRefused', reason: 'not-found' });
      const never = client.request('schedule', { cron: 'never', message: '' });
      await assert.rejects(never, { name: 'RequestRefused', reason: 'invalid-schedule' });
      assert.equal((await client.request('status', {})).newest, 1);
    }));
});

interface Leasing {
  readonly world: AgentWorld;
  readonly dataDir: string;
  readonly client: AgentClient;
  readonly granted: readonly Methods['command']['result'][];
  /** Ends the agent as a crash does. */
  kill(): Promise<void>;
}

/** An agent process with signed time, an applied version and ten open leases. */
function withLeases(work: (leasing: Leasing) => Promise<void>): Promise<void> {
  return withAgents(async (world) => {
    const relay = await liveRelay(join(world.directory, 'relay'));
    try {
      const dataDir = await world.founded('host', [relayEntry(relay)]);
      const agent = world.process('--data-dir', dataDir);
      await agent.logged('serving');
      const client = await world.connect(dataDir, { spawn: false });
      await statusWhen(client, ({ time }) => time.upper !== null);
      await command(client, { do: 'publish', message: 'one', expect: 1 });
      await statusWhen(client, ({ applied }) => applied === 2);
      const granted = [];
      for (let i = 0; i < HOLDERS; i++) granted.push(await command(client, checkout(i)));
      await work({
        ...{ world, dataDir, client, granted },
        async kill() {
          agent.child.kill('SIGKILL');
          await agent.ended;
        },
      });
    } finally {
      await relay.stop();
    }
  });
}

function relayEntry({ key, url }: LiveRelay) {
  return { url, key, token: null, register: null };
}

function checkout(i: number): Methods['command']['params']['command'] {
  const process_ = { tool: 'drafter', pid: process.pid, startTime: null };
  const request = {
    feature: 'draw',
    user: 'ana',
    process: process_,
    tie: 'connection',
    wait: false,
  } as const;
  return { do: 'checkout', request, id: `lease-${i}`, secret: secretOf(i) };
}

function secretOf(i: number): string {
  return `secret-of-lease-${i}`.padEnd(40, '.');
}

async function command(
  client: AgentClient,
  asked: Methods['command']['params']['command'],
): Promise<Methods['command']['result']> {
  return client.request('command', { command: asked });
}

/** What a client does, with an agent in this process in place of one that it would spawn. */
async function connectOrStart(
  world: AgentWorld,
  dataDir: string,
  served: Set<Awaited<ReturnType<typeof startAgent>> | unknown>,
): Promise<AgentClient> {
  for (;;) {
    try {
      return await world.connect(dataDir, { spawn: false, timeout: 5 });
    } catch (error) {
      if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
      const agent = await world.embedded(dataDir, { idle: { after: 1, grace: 0 } });
      if (agent !== null) served.add(agent);
    }
  }
}
