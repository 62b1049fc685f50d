import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type RunningRelay, startRelay } from '../../relay/compose.ts';
import { readConfig } from '../../relay/config.ts';
import { run } from '../../relay/program.ts';
import type { TestRealm } from './realm.ts';
import { removeTree } from './temp-dir.ts';

/** A directory that the test removes. */
export async function newDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-relay-')));
  return { path, remove: () => removeTree(path) };
}

/** Runs `leasehold-relay` in this process; `typed` is what somebody at its terminal answers, null for nobody there. */
export async function runRelay(
  args: readonly string[],
  input: Uint8Array = new Uint8Array(0),
  typed: string | null = null,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const code = await run(
    {
      env: {},
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      input: async () => input,
      ask: async () => typed,
      untilStopped: async () => undefined,
    },
    args,
  );
  return { code, out, err };
}

/** Registers a realm in a data directory as an operator does; gives its read token. */
export async function addRealmTo(directory: string, realm: TestRealm): Promise<string> {
  const { code, out, err } = await runRelay(
    ['realm', 'add', '-', '--json', '--data-dir', directory],
    realm.genesis,
  );
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { data: { token: string } }).data.token;
}

/** A relay in this process, on free ports. */
export async function startRelayIn(
  directory: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<RunningRelay> {
  const base = { listen: '127.0.0.1:0', 'admin-listen': '127.0.0.1:0', 'log-level': 'silent' };
  const verdict = readConfig({ ...base, 'data-dir': directory, ...settings }, {}, null);
  if (!verdict.ok) throw new Error(verdict.problems.join('; '));
  return startRelay(verdict.config);
}

/** Runs the work beside a relay that serves a realm, whose read token is given, out of a directory that goes away. */
export async function withRelay(
  realm: TestRealm,
  settings: Readonly<Record<string, unknown>>,
  work: (relay: RunningRelay, token: string) => Promise<void>,
): Promise<void> {
  const directory = await newDirectory();
  const token = await addRealmTo(directory.path, realm);
  const relay = await startRelayIn(directory.path, settings);
  try {
    await work(relay, token);
  } finally {
    await relay.stop();
    await directory.remove();
  }
}

/** A metric of a running relay, by its whole name with labels; 0 when it is not there. */
export async function metricOf(relay: RunningRelay, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`);
  const line = (await response.text()).split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** A relay in a process of its own. */
interface RelayProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** Sends a signal and waits for the end; gives the exit code, or the signal. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Spawns a relay and waits for the line that says where it listens. */
export async function spawnRelay(directory: string, more: readonly string[] = []): Promise<RelayProcess> {
  const main = fileURLToPath(new URL('../../relay/main.js', import.meta.url));
  const args = ['serve', '--data-dir', directory, '--listen', '127.0.0.1:0', '--admin-listen', 'off'];
  const child = spawn(process.execPath, [main, ...args, '--log-level', 'error', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^listening on ws:\/\/127\.0\.0\.1:([0-9]+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    return {
      port: Number(port),
      child,
      async end(signal) {
        child.kill(signal);
        const [code, by] = await ended;
        return code ?? by;
      },
    };
  }
  throw new Error('expected the relay to say where it listens');
}
