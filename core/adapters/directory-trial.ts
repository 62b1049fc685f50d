import { open, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Fault } from '../errors.ts';
import { storeFault } from './store-fault.ts';

/** As many bytes as LevelDB writes when it opens, about. */
const TRIAL_BYTES = 16 * 1024;

/** Writes a file to a directory and takes it away again; the fault that this meets, or null. Permission bits know nothing of read-only mounts and quotas. */
export async function tryOut(directory: string): Promise<Fault | null> {
  const path = join(directory, `.trial.${process.pid}`);
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(TRIAL_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    return storeFault(error);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** The directory, or the nearest place above it that is there: where making the directory would begin. */
export async function nearestThere(directory: string): Promise<string> {
  const path = resolve(directory);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearestThere(dirname(path));
}
