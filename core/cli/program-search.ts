import { posix } from 'node:path';
import type { CommandIo } from './command-io.ts';

/** Any of the three rights to execute. */
const EXECUTABLE = 0o111;

/** Why a program could not be started, as far as can be told without starting it; null if nothing speaks against it. */
export async function whyNotStarted(
  io: CommandIo,
  program: string,
): Promise<'not-found' | 'not-executable' | null> {
  const { env, platform } = io.around;
  // Windows completes names by rules that only starting a program goes by; without PATH each system has its own.
  const named = program.includes('/');
  if (platform === 'win32' || (!named && env.PATH === undefined)) return null;
  const directories = named ? [''] : (env.PATH ?? '').split(':');
  let why: 'not-found' | 'not-executable' = 'not-found';
  for (const directory of directories) {
    const place = await io.files.look(posix.join(directory, program));
    if (place === null) continue;
    if (place.mode === null || (place.mode & EXECUTABLE) !== 0) return null;
    why = 'not-executable';
  }
  return why;
}
