import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What ships: `npm run build` packs it. */
const LEASEHOLD = at('../../../dist/leasehold.cjs');
const RELAY = at('../../../dist/leasehold-relay.cjs');

/** What a program that has ended said. `code` is 128 and the signal's number more if a signal ended it. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is running. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the first line of either stream that matches, also one that came before. */
  line(pattern: RegExp): Promise<string>;
}

/** A host of a test: its own directories, and the command line as typed there. */
export interface Host {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  start(args: readonly string[], options?: { readonly input?: string }): Running;
  /** Runs a command line to its end; a text is split at spaces. */
  run(args: string | readonly string[], options?: { readonly input?: string }): Promise<Finished>;
}

/** A relay with signed time that listens on a port of the system's choice. */
export interface Relay {
  readonly url: string;
  readonly key: string;
  readonly dataDir: string;
  stop(): Promise<void>;
  /** Ends it as a power failure does, without a word. */
  kill(): Promise<void>;
  /** Starts it again after its end, on the same data and at the same address. */
  start(): Promise<void>;
}

/** Makes the directories of a host below `root`. Its agent is to be stopped with `agent stop --force`. */
export async function makeHost(root: string, name: string): Promise<Host> {
  const dataDir = join(root, name, 'data');
  const runtime = join(root, name, 'run');
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    TZ: 'UTC',
    USER: 'ana',
    LEASEHOLD_DATA_DIR: dataDir,
    LEASEHOLD_STATE_DIR: join(root, name, 'state'),
    LEASEHOLD_AGENT_SOCKET: join(runtime, 's'),
  };
  const start: Host['start'] = (args, { input } = {}) => launch([LEASEHOLD, ...args], env, input);
  return {
    dataDir,
    env,
    start,
    run: (args, options) => start(typeof args === 'string' ? args.split(' ') : args, options).finished,
  };
}

/** Starts a relay that takes every realm, or only those that its operator has listed. */
export async function startRelay(
  root: string,
  options: {
    readonly name?: string;
    readonly policy?: 'open' | 'list';
    /** What it is started with, each time as it is then. */
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<Relay> {
  const { env = process.env, name = 'relay', policy = 'open' } = options;
  const dataDir = join(root, name);
  const made = await launch([RELAY, 'init', '--data-dir', dataDir, '--json'], process.env).finished;
  const { timeKey: key } = (JSON.parse(made.stdout) as { data: { timeKey: string } }).data;
  const serve = async (listen: string) => {
    const at = ['--listen', listen, '--admin-listen', 'off'];
    const launched = launch([RELAY, 'serve', '--data-dir', dataDir, '--policy', policy, ...at], env);
    const [url = ''] = /ws:\/\/127\.0\.0\.1:\d+/.exec(await launched.line(/listening on ws:/)) ?? [];
    return { launched, url };
  };
  const first = await serve('127.0.0.1:0');
  const { url } = first;
  let { launched } = first;
  const end = async (signal: NodeJS.Signals) => {
    launched.child.kill(signal);
    await launched.finished;
  };
  return {
    url,
    key,
    dataDir,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start: async () => {
      ({ launched } = await serve(new URL(url).host));
    },
  };
}

/** Starts one of the programs that ship. */
export function startProgram(
  name: 'leasehold' | 'leasehold-agent' | 'leasehold-relay' | 'leasehold-vendor',
  args: readonly string[],
): Running {
  return launch([at(`../../../dist/${name}.cjs`), ...args], process.env);
}

/** Starts any program on a host; its standard input stays open for the test to write to. */
export function startOn({ env }: Host, [command = '', ...args]: readonly string[]): Running {
  return running(spawn(command, args, { env }));
}

function launch(command: readonly string[], env: NodeJS.ProcessEnv, input?: string): Running {
  const launched = running(spawn(process.execPath, command, { env }));
  launched.child.stdin?.end(input ?? '');
  return launched;
}

function running(child: ChildProcessWithoutNullStreams): Running {
  const texts = { stdout: '', stderr: '' };
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      texts[name] += piece;
    });
    createInterface({ input: child[name] }).on('line', (line) => {
      lines.push(line);
      for (const look of [...waiting]) look();
    });
  }
  // A program that ends without reading what it is given is no failure of the test.
  child.stdin.on('error', () => undefined);
  const finished = once(child, 'close').then(([code, signal]) => ({
    code: code ?? 128 + (SIGNALS[String(signal)] ?? 0),
    ...texts,
  }));
  return {
    child,
    finished,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void finished.then((end) => {
          look();
          reject(new Error(`ended with ${end.code} before ${pattern}: ${end.stdout}${end.stderr}`));
        });
      }),
  };
}

const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };
