import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAgentFile } from '../../core/agent/agent-file.ts';
import type { AgentOptions } from '../../core/agent/agent-options.ts';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { startAgent } from '../../core/agent/lifecycle.ts';
import { lockStore } from '../../core/agent/lock.ts';
import type { StatusReport } from '../../core/agent/protocol.ts';
import type { KnownRelay } from '../../core/agent/realm-file.ts';
import { initRealm } from '../../core/agent/realm-setup.ts';
import { currentSurroundings } from '../../core/agent/surroundings.ts';
import { isFault } from '../../core/errors.ts';
import type { PrincipalId } from '../../core/units.ts';
import { withTempDir } from './temp-dir.ts';

/** A place for data directories and agents of a test; whatever was started in it is ended with it. */
export interface AgentWorld {
  readonly directory: string;
  readonly stateDir: string;
  /** A data directory whose realm has just been founded, with one feature `draw` of four seats. */
  founded(name: string, relays?: readonly KnownRelay[]): Promise<string>;
  connect(
    dataDir: string,
    options?: { readonly spawn?: boolean; readonly timeout?: number; readonly leases?: 'all' | 'own' },
  ): Promise<AgentClient>;
  /** An agent process with these arguments. */
  process(...args: readonly string[]): AgentProcess;
  /** An agent in this process. */
  embedded(dataDir: string, options?: Partial<AgentOptions>): ReturnType<typeof startAgent>;
}

/** An agent process that a test started. */
interface AgentProcess {
  readonly child: ChildProcess;
  /** The next event of this name that it logs; rejects when it ends before. */
  logged(event: string): Promise<Record<string, unknown>>;
  /** How it ended: its exit code, or the signal. */
  readonly ended: Promise<number | string>;
}

const MAIN = join(process.cwd(), 'build/core/agent/leasehold-agent.js');

/** Runs the work in a world of its own. Agents that clients start take their places from this process's environment. */
export function withAgents(work: (world: AgentWorld) => Promise<void>, main: string = MAIN): Promise<void> {
  return withTempDir(async (directory) => {
    const before = { ...process.env };
    const runtime = join(directory, 'run');
    const stateDir = join(directory, 'state');
    await mkdir(runtime, { mode: 0o700 });
    // On a busy machine a client starts a second agent that outlives the first, and the test: it goes by itself.
    const own = { XDG_RUNTIME_DIR: runtime, LEASEHOLD_STATE_DIR: stateDir, LEASEHOLD_AGENT_IDLE: '10' };
    Object.assign(process.env, own);
    const dataDirs = new Set<string>();
    const processes = new Set<AgentProcess>();
    const clients = new Set<AgentClient>();
    try {
      await work({
        ...{ directory, stateDir },
        async founded(name, relays = []) {
          const dataDir = join(directory, name);
          dataDirs.add(dataDir);
          const made = await initRealm({
            ...{ dataDir, name: 'Optics lab', relays, person: { id: 'ana' as PrincipalId, name: 'Ana' } },
            host: { id: 'ws01' as PrincipalId, name: 'Workstation 1', class: 'office' },
            registry: {
              software: { cad: { name: 'CAD' } },
              features: { draw: { name: 'Drawing', software: 'cad', seats: 12 } },
              periods: { draw: { feature: 'draw', from: '2020-01-01', until: '2120-01-01' } },
            },
          });
          assert.equal(made.ok, true);
          return dataDir;
        },
        async connect(dataDir, { spawn: mayStart = true, timeout = 20, leases = 'all' } = {}) {
          dataDirs.add(dataDir);
          const client = await connectAgent({ dataDir, spawn: mayStart, timeout, client: 'test/1', leases });
          clients.add(client);
          return client;
        },
        process(...args) {
          const started = agentProcess([main, ...args]);
          processes.add(started);
          return started;
        },
        embedded: (dataDir, options = {}) =>
          startAgent({
            ...{ dataDir, stateDir, mode: 'embedded', idle: { after: 0, grace: 0 }, passphrase: null },
            ...{ around: currentSurroundings(), timeZone: 'UTC', note: () => undefined },
            ...options,
          }),
      });
    } finally {
      for (const client of clients) await client.close();
      for (const { child, ended } of processes) {
        child.kill('SIGKILL');
        await ended;
      }
      for (const dataDir of dataDirs) await endSpawned(dataDir);
      for (const name of Object.keys(own)) restore(name, before[name]);
    }
  });
}

/** Waits until the agent's status is as wanted. */
export function statusWhen(
  client: AgentClient,
  wanted: (status: StatusReport) => boolean,
): Promise<StatusReport> {
  return answerWhen(client, () => client.request('status', {}), wanted);
}

/** Asks again whenever the agent pushes something, until the answer is as wanted. */
export async function answerWhen<T>(
  client: AgentClient,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
): Promise<T> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const stop = client.on(() => {
        stop();
        resolve();
      });
    });
    const answer = await ask();
    if (wanted(answer)) return answer;
    await changed;
  }
}

/** Stops the agent behind a client, and waits until it has let go of its data directory. */
export async function stopAgent(client: AgentClient, dataDir: string): Promise<void> {
  await client.request('stop', { force: true });
  await client.closed;
  const locked = await lockStore(dataDir, [], { waits: () => undefined });
  assert.equal(locked.kind, 'held');
  if (locked.kind === 'held') await locked.store.close();
}

function agentProcess(args: readonly string[]): AgentProcess {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const seen: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) seen.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  return {
    child,
    ended,
    async logged(event) {
      let look: () => void = () => undefined;
      const found = new Promise<Record<string, unknown>>((resolve) => {
        look = () => {
          const line = seen.find((entry) => entry.event === event);
          if (line !== undefined) resolve(line);
        };
        waiting.add(look);
        look();
      });
      const gone = ended.then((how) => {
        throw new Error(`ended with ${how} before it logged ${event}: ${JSON.stringify(seen)}`);
      });
      try {
        return await Promise.race([found, gone]);
      } finally {
        waiting.delete(look);
      }
    },
  };
}

/** Ends the agent that a client started here, if one serves still. */
async function endSpawned(dataDir: string): Promise<void> {
  if ((await readAgentFile(dataDir)) === null) return;
  try {
    await stopAgent(await connectAgent({ dataDir, spawn: false, timeout: 5, client: 'test/1' }), dataDir);
  } catch (error) {
    // It has gone by itself.
    if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
