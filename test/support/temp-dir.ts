import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the work with a new empty directory (its real path) and removes it afterwards, whatever happened. */
export async function withTempDir<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'leasehold-test-')));
  try {
    return await work(directory);
  } finally {
    await removeTree(directory);
  }
}

/** Removes a directory and what is in it, also while a process that was told to end makes its last file there. */
export function removeTree(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
