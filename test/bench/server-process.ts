import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Reply } from './server/measured.ts';

/** The servers that benchmarks start, each in a process of its own. */
export type ServerKind = 'relay' | 'stock';

/** A server that runs. */
export interface ServerProcess {
  /** The address of a room. */
  room(name: string, token?: string): string;
  /** Where it answers Roughtime over UDP; null where it does not. */
  readonly udp: number | null;
  /** Milliseconds of CPU used so far. */
  cpu(): Promise<number>;
  /** Bytes of resident memory once garbage is collected. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a server. A relay needs a data directory; the stock server keeps updates only if it has one. `flags` are for its
 * Node.
 */
export async function startServer(
  kind: ServerKind,
  directory?: string,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const file = fileURLToPath(new URL(`./server/${kind}.js`, import.meta.url));
  const args = directory === undefined ? [] : [directory];
  const execArgv = ['--expose-gc', ...flags, ...profiling(kind)];
  const child = fork(file, args, { execArgv, serialization: 'json' });
  const { port, udp } = await message<{ port: number; udp: number | null }>(child);
  const ask = (question: Question): Promise<Reply> => {
    const reply = message<Reply>(child);
    child.send(question);
    return reply;
  };
  return {
    room(name, token) {
      const query = token === undefined ? '' : `?token=${token}`;
      return `ws://127.0.0.1:${port}/${kind === 'relay' ? 'v1/sync/' : ''}${name}${query}`;
    },
    udp,
    cpu: async () => (await ask('cpu')).cpu,
    memory: async () => (await ask('memory')).rss,
    async stop() {
      const exited = once(child, 'exit');
      child.send('stop' satisfies Question);
      await exited;
    },
  };
}

/** With LEASEHOLD_BENCH_PROF=<directory>, each server writes a CPU profile there when it stops. */
function profiling(kind: ServerKind): string[] {
  const directory = process.env.LEASEHOLD_BENCH_PROF;
  return directory === undefined || kind !== 'relay' ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the server ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}
