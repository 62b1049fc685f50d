import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Child, ChildEnd } from './io.ts';

/**
 * Waits at descriptor 3 and becomes the program: the process, its id and its start stay the same. When who started it
 * is gone, it reads the end of the file and never becomes it.
 */
const GATE = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"';

/** Shells that can be the gate, the best first: dash would drop variables of the environment that no shell could name. */
const SHELLS: readonly string[] = ['/bin/bash', '/bin/sh'];

/** Holds a program back with our standard streams and some variables more; where there is no shell, it starts with `go`. */
export function spawnChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Child {
  const all = { ...process.env, ...env };
  const shell = process.platform === 'win32' ? undefined : SHELLS.find((path) => existsSync(path));
  return shell === undefined ? startedLate(command, args, all) : heldBack(shell, [command, ...args], all);
}

function heldBack(shell: string, program: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(shell, ['-c', GATE, 'leasehold', ...program], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env,
    // By this name bash reads no file that the environment names.
    argv0: 'sh',
  });
  const gate = child.stdio[3];
  // It may have been killed while it waited; its end says so.
  gate?.on('error', () => undefined);
  return {
    pid: child.pid ?? null,
    end: endOf(child),
    go: () => {
      if (gate && 'end' in gate) gate.end('go\n');
    },
    kill: (signal) => void child.kill(signal),
  };
}

function startedLate(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  let child: ReturnType<typeof spawn> | null = null;
  let ended: (end: Promise<ChildEnd>) => void = () => undefined;
  return {
    pid: null,
    end: new Promise((resolve) => {
      ended = resolve;
    }),
    go: () => {
      child = spawn(command, args, { stdio: 'inherit', env });
      ended(endOf(child));
    },
    kill: (signal) => void child?.kill(signal),
  };
}

function endOf(child: ReturnType<typeof spawn>): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: 'not-started', why: error.code === 'ENOENT' ? 'not-found' : 'not-executable' });
    });
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ kind: 'exited', code: code ?? 0 });
      else resolve({ kind: 'signalled', signal, number: constants.signals[signal] });
    });
  });
}
