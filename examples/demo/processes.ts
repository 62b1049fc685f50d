import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** The programs as they ship. */
export const PROGRAMS = {
  leasehold: `${DIST}leasehold.cjs`,
  agent: `${DIST}leasehold-agent.cjs`,
  relay: `${DIST}leasehold-relay.cjs`,
} as const;

/** What a finished command said. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Finished> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...options.env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr, milliseconds: performance.now() - start };
}

/** Starts a program that stays, and waits for a line that matches; gives what it said until then. `began` hears of it at once. */
export async function start(
  program: string,
  args: readonly string[],
  ready: RegExp,
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly nodeArgs?: readonly string[];
    began?(child: ChildProcess): void;
  } = {},
): Promise<{ readonly child: ChildProcess; readonly said: readonly string[] }> {
  const command = [...(options.nodeArgs ?? []), program, ...args];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.began?.(child);
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const look = (line: string) => {
      said.push(line);
      if (ready.test(line)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', look);
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said.join(' | ')}`)));
  });
  return { child, said };
}

/** Milliseconds after which a process that was asked to end is ended. */
const PATIENCE = 10_000;

/** Ends a process and waits until it is gone; one that does not go when asked is killed. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await gone;
  clearTimeout(impatience);
}
