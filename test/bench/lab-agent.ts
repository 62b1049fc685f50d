import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentClient } from '../../core/agent/client.ts';
import type { StatusReport } from '../../core/agent/protocol.ts';
import { initRealm } from '../../core/agent/realm-setup.ts';
import type { PrincipalId } from '../../core/units.ts';
import { longTermKey } from '../../relay/time-service.ts';
import { statusWhen, withAgents } from '../support/agent-world.ts';
import { FEATURE, labImport, USER } from './bench-realm.ts';
import { startServer } from './server-process.ts';

/** The agent as it ships. */
const MAIN = join(process.cwd(), 'dist/leasehold-agent.cjs');

/** An agent in a process of its own, in step with a relay, that leases seats of the example lab. */
interface LabAgent {
  readonly pid: number;
  connect(): Promise<AgentClient>;
}

/** Runs the work with such an agent and ends everything afterwards. */
export function withLabAgent(work: (agent: LabAgent) => Promise<void>): Promise<void> {
  return withAgents(async (world) => {
    const relayDir = join(world.directory, 'relay');
    await mkdir(relayDir);
    const key = await longTermKey(relayDir);
    const server = await startServer('relay', relayDir);
    const dataDir = join(world.directory, 'host');
    const url = new URL('/', server.room('')).href;
    const made = await initRealm({
      ...{ dataDir, name: 'Example lab', relays: [{ url, key, token: null, register: null }] },
      host: { id: 'bench-1' as PrincipalId, name: 'bench-1', class: 'office' },
      registry: await labImport(),
    });
    if (!made.ok) throw new Error(`expected a realm, got ${made.reason}: ${made.detail}`);
    const agent = world.process('--data-dir', dataDir);
    await agent.logged('serving');
    const client = await world.connect(dataDir, { spawn: false });
    await statusWhen(client, ({ time }) => time.upper !== null);
    await client.request('command', { command: { do: 'publish', message: '', expect: null } });
    await statusWhen(client, isReady);
    try {
      await work({
        pid: client.hello.pid,
        connect: () => world.connect(dataDir, { spawn: false, leases: 'own' }),
      });
    } finally {
      await server.stop();
    }
  }, MAIN);
}

function isReady({ applied, pending }: StatusReport): boolean {
  return applied !== null && pending === null;
}

/** Takes a seat and gives it back, each on disk before it is answered. */
export async function takeAndReturn(client: AgentClient, id: string): Promise<void> {
  const process = { tool: 'bench', pid: null, startTime: null };
  const request = { feature: FEATURE, user: USER, process, tie: 'connection', wait: false } as const;
  const command = { do: 'checkout', request, id, secret: 's'.repeat(32) } as const;
  const granted = await client.request('command', { command });
  if (!granted.ok || granted.kind !== 'lease')
    throw new Error(`expected a lease, got ${JSON.stringify(granted)}`);
  await client.request('command', { command: { do: 'return', lease: id, reason: null } });
}
