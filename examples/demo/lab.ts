import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { end, type Finished, PROGRAMS, run, start } from './processes.ts';

/** One host of the demo: its directories, the command line as its user would type it, and a line to its agent to observe it. */
export interface DemoHost {
  readonly id: string;
  readonly dataDir: string;
  readonly socket: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `leasehold` here; throws when it fails. */
  must(...args: readonly string[]): Promise<Finished>;
  /** Runs `leasehold` here. */
  leasehold(...args: readonly string[]): Promise<Finished>;
  /** Starts `leasehold` with arguments and leaves it running. */
  spawn(args: readonly string[], ready: RegExp): Promise<Awaited<ReturnType<typeof start>>>;
  agent(): Promise<AgentClient>;
}

/** A running relay. */
interface DemoRelay {
  readonly child: ChildProcess;
  readonly port: number;
  readonly adminPort: number;
}

/** All that the demo starts and makes, and the way to take it away again. */
export class Lab {
  readonly root: string;
  readonly relayDir: string;
  readonly hosts: DemoHost[] = [];
  relay: DemoRelay | null = null;
  readonly #children: ChildProcess[] = [];
  readonly #commands = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  private constructor(root: string) {
    this.root = root;
    this.relayDir = join(root, 'relay');
  }

  /** An empty lab in a directory of its own. */
  static async open(): Promise<Lab> {
    return new Lab(await mkdtemp(join(tmpdir(), 'leasehold-demo-')));
  }

  /** Notes a process to be ended with the lab. */
  keep(child: ChildProcess): void {
    this.#children.push(child);
  }

  /** Starts the relay, on a port of its choice the first time and on the same one again. */
  async startRelay(): Promise<DemoRelay> {
    const port = this.relay?.port ?? 0;
    const adminPort = this.relay?.adminPort ?? 0;
    const args = ['--data-dir', this.relayDir, '--policy', 'open', '--log-level', 'warn'];
    const listen = ['--listen', `127.0.0.1:${port}`, '--admin-listen', `127.0.0.1:${adminPort}`];
    const ready = /admin on http:\/\/127\.0\.0\.1:(\d+)/;
    const began = (child: ChildProcess) => this.keep(child);
    const { child, said } = await start(PROGRAMS.relay, ['serve', ...args, ...listen], ready, { began });
    const text = said.join('\n');
    const [, peers] = /listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    const [, admin] = ready.exec(text) ?? [];
    this.relay = { child, port: Number(peers), adminPort: Number(admin) };
    return this.relay;
  }

  /** Makes the directories of a host. */
  async addHost(id: string): Promise<DemoHost> {
    const dataDir = join(this.root, id, 'data');
    const runtime = join(this.root, id, 'run');
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    const socket = join(runtime, 's');
    const env = {
      LEASEHOLD_DATA_DIR: dataDir,
      LEASEHOLD_STATE_DIR: join(this.root, id, 'state'),
      LEASEHOLD_AGENT_SOCKET: socket,
      NO_COLOR: '1',
    };
    const leasehold = (...args: readonly string[]) => {
      const done = run(PROGRAMS.leasehold, args, { env });
      this.#commands.add(done);
      void done.finally(() => this.#commands.delete(done));
      return done;
    };
    const host: DemoHost = {
      ...{ id, dataDir, socket, env, leasehold },
      must: async (...args) => {
        if (this.#closing !== null) throw new Error('the demo is over');
        const done = await leasehold(...args);
        if (done.code !== 0) throw new Error(`leasehold ${args.join(' ')} on ${id}: ${done.stderr}`);
        return done;
      },
      spawn: async (args, ready) => {
        if (this.#closing !== null) throw new Error('the demo is over');
        // Kept before it is ready: it may start an agent meanwhile, and must not after the lab has gone.
        const began = (child: ChildProcess) => this.keep(child);
        return start(PROGRAMS.leasehold, args, ready, { env, began });
      },
      agent: () => connectAgent({ dataDir, socket, spawn: false, timeout: 10, client: 'demo' }),
    };
    this.hosts.push(host);
    return host;
  }

  /** Ends every process and removes every file of the demo. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    // A command that is under way may still start an agent.
    while (this.#commands.size > 0) await Promise.allSettled([...this.#commands]);
    // First: a tool at work starts the agent anew that it loses. Asked, not killed: a wrapper ends its program with it.
    await Promise.all(this.#children.map((child) => end(child, 'SIGTERM')));
    await Promise.all(this.hosts.map(stopAgent));
    await rm(this.root, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Milliseconds after which an agent that does not serve has failed to start. */
const STARTS_WITHIN = 10_000;

/** Stops a host's agent, if one runs or is about to, and waits until its process is gone. */
async function stopAgent(host: DemoHost): Promise<void> {
  let pid = await agentOf(host);
  // One that was started a moment ago says nothing yet, and would stay.
  while (pid === undefined && (await isStarting(host))) {
    await pause(20);
    pid = await agentOf(host);
  }
  if (pid === undefined) return;
  await host.leasehold('agent', 'stop', '--force');
  while (isAlive(Number(pid))) await pause(20);
}

async function agentOf(host: DemoHost): Promise<string | undefined> {
  const { stdout } = await host.leasehold('agent', 'status', '--json');
  return /"pid":\s*(\d+)/.exec(stdout)?.[1];
}

/** Whoever starts an agent leaves a mark that the agent takes away when it serves. */
async function isStarting({ dataDir }: DemoHost): Promise<boolean> {
  const mark = await stat(dataPaths(dataDir).spawning).catch(() => null);
  return mark !== null && Date.now() - mark.mtimeMs < STARTS_WITHIN;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
