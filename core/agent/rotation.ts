import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetIdentity } from '../adapters/identity-file.ts';
import { openLevelStore } from '../adapters/store-level.ts';
import { dataPaths } from './data-directory.ts';
import { REALM_FILE, type RealmFile, readRealmFile } from './realm-file.ts';

/** Below the data directory, while a host is between two logs: all of the old one but its key, which stays beside the new one. */
const ASIDE = 'before-rotation';
const KEPT = ['store', 'schedule.json', 'presence.json'] as const;

/**
 * Puts what belongs to the log of a host aside, so that the host can join again and come back if it is refused. The
 * agent has stopped. Throws Fault STORE_LOCKED.
 */
export async function setAside(dataDir: string): Promise<void> {
  await (await openLevelStore(dataPaths(dataDir).store)).close();
  // What an earlier rotation left that had come as far as its new log.
  await rm(join(dataDir, ASIDE), { recursive: true, force: true });
  await mkdir(join(dataDir, ASIDE), { mode: 0o700 });
  // First: from here on no agent starts on half of it.
  await move(REALM_FILE, dataDir, join(dataDir, ASIDE));
  for (const name of KEPT) await move(name, dataDir, join(dataDir, ASIDE));
}

/** Brings back what was put aside, where no new log has been begun; what is there of a refused join is gone already. */
export async function bringBack(dataDir: string): Promise<void> {
  const aside = join(dataDir, ASIDE);
  if ((await readRealmFile(dataDir)) !== null || !(await readdir(dataDir)).includes(ASIDE)) return;
  for (const name of KEPT) {
    if (!(await readdir(aside)).includes(name)) continue;
    await rm(join(dataDir, name), { recursive: true, force: true });
    await move(name, aside, dataDir);
  }
  await move(REALM_FILE, aside, dataDir);
  await rm(aside, { recursive: true, force: true });
}

/** Forgets what was put aside of a log, and its key: the host goes on in another. */
export async function dropAside(dataDir: string, { key }: RealmFile): Promise<void> {
  await forgetIdentity(dataDir, key);
  await rm(join(dataDir, ASIDE), { recursive: true, force: true });
}

async function move(name: string, from: string, to: string): Promise<void> {
  if ((await readdir(from)).includes(name)) await rename(join(from, name), join(to, name));
}
