import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Child, ChildEnd } from './io.ts';

/** Runs a program with our standard streams and some variables more. */
export function spawnChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Child {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const end = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: 'not-started', why: error.code === 'ENOENT' ? 'not-found' : 'not-executable' });
    });
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ kind: 'exited', code: code ?? 0 });
      else resolve({ kind: 'signalled', signal, number: constants.signals[signal] });
    });
  });
  return { end, kill: (signal) => void child.kill(signal) };
}
