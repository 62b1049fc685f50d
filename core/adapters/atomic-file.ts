import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../errors.ts';
import { makeDirectory } from './make-directory.ts';
import { storeFault } from './store-fault.ts';

/**
 * Writes the file with mode 0600 so that a crash at any moment leaves the old text or the new one, on disk.
 * Makes the directory with mode 0700 if it is missing.
 * Throws Fault STORE_UNWRITABLE, DISK_FULL or STORE_FAILED.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  const draft = join(directory, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await makeDirectory(directory);
    try {
      await writeSynced(draft, text);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncDirectory(directory);
  } catch (error) {
    throw storeFault(error);
  }
}

/** The text of the file, or null where there is none. Throws Fault FILE_UNREADABLE. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Fault('FILE_UNREADABLE', { detail: path, cause: error });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this a power cut may undo the rename. Windows opens no directories, and its rename is written through. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
