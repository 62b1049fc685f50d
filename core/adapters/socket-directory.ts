import { lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../errors.ts';
import { makeDirectory } from './make-directory.ts';

/**
 * Makes the directory of the agent's socket with mode 0700, or checks the one that is there.
 * Throws Fault SOCKET_UNSAFE unless it is a real directory of this user that nobody else may enter; the cause is the
 * system's error where it could not be made at all.
 */
export async function prepareSocketDirectory(directory: string, uid: number): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) {
      throw new Fault('SOCKET_UNSAFE', { detail: `cannot make ${directory}`, cause });
    }
  }
  // In /tmp anybody may make the name first: a link, or a directory of his own in which he swaps the socket.
  const found = await lstat(directory);
  const mode = found.mode & 0o777;
  if (!found.isDirectory()) throw unsafe(directory, 'a directory', 'something else');
  if (found.uid !== uid) throw unsafe(directory, `the owner ${uid}`, `${found.uid}`);
  if ((mode & 0o077) !== 0) throw unsafe(directory, 'mode 700', mode.toString(8));
}

/** Makes the directories above a socket whose place somebody chose, as far as they are missing; whose they are is his business. */
export async function makeDirectoryOf(socket: string): Promise<void> {
  const directory = dirname(socket);
  try {
    await makeDirectory(directory);
  } catch (cause) {
    throw new Fault('SOCKET_UNSAFE', { detail: `cannot make ${directory}`, cause });
  }
}

function unsafe(directory: string, expected: string, came: string): Fault {
  return new Fault('SOCKET_UNSAFE', { detail: `expected ${expected} at ${directory}, came ${came}` });
}
