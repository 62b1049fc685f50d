import type * as Y from 'yjs';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { dataPaths } from '../../core/agent/data-directory.ts';
import { isFault } from '../../core/errors.ts';
import type { Store } from '../../core/ports.ts';
import { readRuns } from '../../core/runtime/record-store.ts';
import type { DemoHost } from './lab.ts';
import { type Scene, statusOf, until } from './scene.ts';

/** The records of each log in their order, each as its bytes in hex. */
export type Records = ReadonlyMap<number, readonly string[]>;

/** What a document of a room holds. */
export function recordsIn(doc: Y.Doc, logs: readonly number[]): Records {
  const hexOf = ([bytes = new Uint8Array()]: readonly Uint8Array[]) => Buffer.from(bytes).toString('hex');
  return new Map(logs.map((log) => [log, doc.getArray<Uint8Array[]>(String(log)).map(hexOf)]));
}

/** What a host has stored. Only one process can look, so its agent is stopped for it, and started again. */
export async function recordsOnDisk(scene: Scene, host: DemoHost): Promise<Records> {
  await scene.agents.get(host)?.close();
  await host.must('agent', 'stop', '--force');
  const store = await until(
    `the agent of ${host.id} lets go of its store`,
    () => openedUnlessLocked(dataPaths(host.dataDir).store),
    (opened) => opened !== null,
  );
  const runs = store === null ? [] : await readRuns(store).finally(() => store.close());
  await host.must('agent', 'start');
  scene.agents.set(host, await host.agent());
  await until(
    `${host.id} is in step again`,
    () => statusOf(scene, host),
    ({ relay }) => relay.state === 'synced',
  );
  return new Map(
    runs.map(({ log, records }) => [log, records.map((bytes) => Buffer.from(bytes).toString('hex'))]),
  );
}

async function openedUnlessLocked(path: string): Promise<Store | null> {
  try {
    return await openLevelStore(path);
  } catch (error) {
    if (isFault(error, 'STORE_LOCKED')) return null;
    throw error;
  }
}

/** How many records stand afterwards at the place where they stood before, with the same bytes. */
export function survivors(before: Records, after: Records): number {
  let count = 0;
  for (const [log, records] of before) {
    const now = after.get(log) ?? [];
    count += records.filter((bytes, seq) => now[seq] === bytes).length;
  }
  return count;
}
