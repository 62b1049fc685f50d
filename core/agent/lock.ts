import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { dial } from '../adapters/rpc-socket.ts';
import { openLevelStore } from '../adapters/store-level.ts';
import { isFault } from '../errors.ts';
import type { Store } from '../ports.ts';
import { readAgentFile } from './agent-file.ts';
import { dataPaths } from './data-directory.ts';

/** The store with its lock, or the news that another agent serves this data directory. */
type Locked = { readonly kind: 'held'; readonly store: Store } | { readonly kind: 'served' };

/** Milliseconds for which an agent that is just closing is waited for. */
const LOCK_PATIENCE = 5000;
const SHORTEST_PAUSE = 20;
const LONGEST_PAUSE = 40;

/**
 * Opens the store, whose lock makes this the only agent of the data directory. `places` are the sockets at which another
 * may answer. Throws Fault STORE_LOCKED when somebody holds it for LOCK_PATIENCE and does not answer; others of the store.
 */
export async function lockStore(
  dataDir: string,
  places: readonly string[],
  options: { readonly patience?: number; waits(): void },
): Promise<Locked> {
  const patience = options.patience ?? LOCK_PATIENCE;
  let waited = false;
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return { kind: 'held', store: await openLevelStore(dataPaths(dataDir).store) };
    } catch (error) {
      if (!isFault(error, 'STORE_LOCKED')) throw error;
      if (await isServed(dataDir, places)) return { kind: 'served' };
      if (performance.now() >= deadline) throw error;
      if (!waited) options.waits();
      waited = true;
    }
    await wait(SHORTEST_PAUSE + Math.random() * (LONGEST_PAUSE - SHORTEST_PAUSE));
  }
}

/** Who holds a data directory for `patience` and more, whether he answers or not: his process, as far as he has said. Null if nobody does. */
export async function lockHolder(
  dataDir: string,
  patience: number = LOCK_PATIENCE,
): Promise<{ readonly pid: number | null } | null> {
  // Opening would make a store where there is none.
  if (!existsSync(dataPaths(dataDir).store)) return null;
  try {
    const locked = await lockStore(dataDir, [], { patience, waits: () => undefined });
    if (locked.kind === 'held') await locked.store.close();
    if (locked.kind === 'held') return null;
  } catch (error) {
    // Whatever else is wrong with it is found once it is locked: nobody else has it.
    if (!isFault(error, 'STORE_LOCKED')) return null;
  }
  return { pid: (await readAgentFile(dataDir))?.pid ?? null };
}

async function isServed(dataDir: string, places: readonly string[]): Promise<boolean> {
  const said = await readAgentFile(dataDir);
  for (const path of said === null ? places : [said.socket, ...places]) {
    if (await answers(path)) return true;
  }
  return false;
}

async function answers(path: string): Promise<boolean> {
  try {
    const connection = await dial(path);
    connection.end();
    connection.dispose();
    return true;
  } catch (error) {
    if (isFault(error, 'AGENT_UNAVAILABLE') || isFault(error, 'SOCKET_PATH_TOO_LONG')) return false;
    throw error;
  }
}
