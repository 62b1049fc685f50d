import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConnection } from '../../core/agent/client.ts';
import { keepLease } from '../../core/agent/lease-keeping.ts';
import type { LeaseName } from '../../core/agent/lease-taking.ts';
import type { AgentSession } from './agent-session.ts';

/**
 * The leases that this window took. They end with its connection; a window that is reloaded finds their secrets in
 * `directory` and takes them up again before the agent frees them.
 */
export class KeptLeases {
  readonly #session: AgentSession;
  readonly #directory: string;
  readonly #stops = new Map<string, () => void>();

  constructor(session: AgentSession, directory: string) {
    this.#session = session;
    this.#directory = directory;
  }

  has(lease: string): boolean {
    return this.#stops.has(lease);
  }

  /** Writes a lease's secret down before it is asked for, so that none is granted that a reload would lose. */
  async note({ id, secret }: LeaseName): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFile(this.#file(id), JSON.stringify({ id, secret }), { mode: 0o600 });
  }

  /** Keeps a lease that was granted over this connection attached to this window. */
  keep(agent: AgentConnection, name: LeaseName): void {
    const kept = keepLease(
      {
        reconnect: () => this.#session.agent(),
        after: (span, then) => {
          const timer = setTimeout(then, 1000 * span);
          return () => clearTimeout(timer);
        },
        onceGone: (gone, then) => {
          let isWanted = true;
          void gone.closed.then(() => isWanted && then());
          return () => {
            isWanted = false;
          };
        },
        tell: (state) => {
          if (state !== 'granted' && state !== 'orphaned' && state !== 'draining') void this.forget(name.id);
        },
      },
      agent,
      name,
    );
    this.#stops.set(name.id, kept.stop);
  }

  /** Keeps a lease no longer, because it is over or was never granted. */
  async forget(lease: string): Promise<void> {
    this.#stops.get(lease)?.();
    this.#stops.delete(lease);
    await rm(this.#file(lease), { force: true });
  }

  /** Takes up again what a window with these files held before, and says how many. Throws Fault AGENT_UNAVAILABLE. */
  async resume(agent: AgentConnection): Promise<number> {
    const names = await this.#noted();
    if (names.length === 0) return 0;
    const leases = new Map((await agent.request('leases', {})).map((lease) => [lease.id, lease]));
    let resumed = 0;
    for (const name of names) {
      if (this.has(name.id)) continue;
      const lease = leases.get(name.id);
      // One that is attached is another window's, open on the same folder.
      if (lease !== undefined && lease.state !== 'orphaned' && lease.tie === 'connection') continue;
      const answer =
        lease === undefined
          ? null
          : await agent.request('command', {
              command: { do: 'attach', lease: name.id, secret: name.secret },
            });
      if (answer?.ok !== true) await this.forget(name.id);
      else {
        this.keep(agent, name);
        resumed++;
      }
    }
    return resumed;
  }

  /** Lets go of all without giving them back; the agent frees what no window takes up again. */
  dispose(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }

  #file(lease: string): string {
    return join(this.#directory, `${lease}.json`);
  }

  async #noted(): Promise<readonly LeaseName[]> {
    const files = await readdir(this.#directory).catch(() => []);
    const names: LeaseName[] = [];
    for (const file of files.filter((name) => /^[0-9a-f]+\.json$/.test(name))) {
      const text = await readFile(join(this.#directory, file), 'utf8').catch(() => '');
      const name = readName(text);
      if (name !== null) names.push(name);
    }
    return names;
  }
}

function readName(text: string): LeaseName | null {
  try {
    const { id, secret } = JSON.parse(text) as Partial<LeaseName>;
    return typeof id === 'string' && typeof secret === 'string' ? { id, secret } : null;
  } catch {
    return null;
  }
}
