import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { dial, listen } from '../../core/adapters/rpc-socket.ts';
import { clientProof } from '../../core/agent/agent-file.ts';
import { deferred } from '../../core/agent/deferred.ts';
import { PROTOCOL } from '../../core/agent/protocol.ts';
import { type AgentServer, type Answers, agentServer } from '../../core/agent/server.ts';
import { checkoutOf } from '../support/host-rig.ts';
import { LEASE } from '../support/leases.ts';
import { withTempDir } from '../support/temp-dir.ts';

const SECRET = 'ab'.repeat(32);
const NONCE = 'cd'.repeat(32);
const HELLO = {
  ...{ protocol: PROTOCOL, client: 'test', version: '0.1.0', pid: 4711, startTime: null },
  ...{ nonce: NONCE, proof: clientProof(SECRET, NONCE), leases: 'all' },
};

interface Desk {
  readonly server: AgentServer;
  readonly ready: ReturnType<typeof deferred<Answers>>;
  /** The agent's ends of the connections, in the order in which they came. */
  readonly ends: readonly MessageConnection[];
  /** How many times the agent was told that a client came or went. */
  changes(): number;
  dial(): Promise<MessageConnection>;
}

function withServer(work: (desk: Desk) => Promise<void>): Promise<void> {
  return withTempDir(async (directory) => {
    const ready = deferred<Answers>();
    const ends: MessageConnection[] = [];
    let changes = 0;
    const server = agentServer({
      ...{ secret: SECRET, version: '0.1.0', host: 'ws-01', realm: 'ef'.repeat(32), ready: ready.promise },
      ...{ relayTime: () => null, gone: () => undefined, failed: () => undefined },
      changed: () => {
        changes += 1;
      },
    });
    const path = join(directory, 's');
    const prepare = (connection: MessageConnection) => {
      ends.push(connection);
      server.prepare(connection);
    };
    const listening = await listen(path, prepare, { removeStale: false });
    try {
      await work({ server, ready, ends, changes: () => changes, dial: () => dial(path) });
    } finally {
      await listening.close();
    }
  });
}

describe('the clients of an agent', () => {
  it('are not counted when they went before the agent could greet them', () =>
    withServer(async ({ server, ready, ends, changes, dial }) => {
      const client = await dial();
      const greeted = client.sendRequest('hello', HELLO).catch(() => 'gone');
      // Answered, so the greeting before it is under way.
      await assert.rejects(client.sendRequest('status', {}), /hello/);
      const gone = new Promise<void>((resolve) => void ends[0]?.onClose(() => resolve()));
      client.end();
      await gone;
      ready.resolve({} as Answers);
      assert.equal(await greeted, 'gone');
      await new Promise((turn) => setImmediate(turn));
      assert.equal(server.count(), 0);
      assert.equal(changes(), 0);
    }));

  it('do not keep news from each other, though one of them has gone', () =>
    withServer(async ({ server, ready, ends, dial }) => {
      ready.resolve({} as Answers);
      const first = await dial();
      await first.sendRequest('hello', HELLO);
      const second = await dial();
      const heard = new Promise<void>((resolve) => second.onNotification('state', () => resolve()));
      await second.sendRequest('hello', HELLO);
      ends[0]?.dispose();
      server.push('all', { event: 'state' });
      await heard;
      first.end();
      second.end();
    }));

  it('hear of the leases of others where they ask for all, and of none where they ask for their own', () =>
    withServer(async ({ server, ready, dial }) => {
      const checkout = async () => ({ ok: true, kind: 'lease', lease: LEASE }) as const;
      ready.resolve({ command: checkout } as unknown as Answers);
      const heard = await Promise.all(
        (['all', 'own', 'own'] as const).map(async (leases, i) => {
          const client = await dial();
          const told: string[] = [];
          client.onNotification('lease', ({ lease }: { lease: string }) => void told.push(lease));
          const last = new Promise<void>((resolve) => client.onNotification('state', () => resolve()));
          await client.sendRequest('hello', { ...HELLO, leases });
          if (i === 2) await client.sendRequest('command', { command: checkoutOf('draw', 'ana', LEASE.id) });
          return { client, told, last };
        }),
      );
      for (const lease of [LEASE.id, 'of another']) {
        server.push('all', { event: 'lease', lease, state: 'draining' });
      }
      server.push('all', { event: 'state' });
      for (const { client, last } of heard) {
        await last;
        client.end();
      }
      assert.deepEqual(
        heard.map(({ told }) => told),
        [[LEASE.id, 'of another'], [], [LEASE.id]],
      );
    }));
});
