import { Fault } from '../errors.ts';
import type { Store, StoreWrite } from '../ports.ts';

/** Writes that are joined into one; bounds how long the first of them waits for the last. */
const MAX_JOINED_WRITES = 4096;

interface Waiting {
  readonly writes: readonly StoreWrite[];
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * The same store, with the batches that come while one is being written joined into the next synced write.
 * Each batch stays atomic, they take effect in the order of the calls, and each resolves after its own sync.
 * A fault is the fault of every batch that is in the write or waits behind it: none of them knew of it when it was
 * called, and a record must not reach the disk without the one before it.
 */
export function groupCommit(store: Store): Store {
  const waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let open = true;

  async function run(): Promise<void> {
    // One turn of the microtask queue, so that all calls of one event share the first sync too.
    await null;
    while (waiting.length > 0) {
      const group = waiting.splice(0, groupLength(waiting));
      try {
        await store.batch(group.flatMap((entry) => entry.writes));
        for (const entry of group) entry.resolve();
      } catch (fault) {
        for (const entry of [...group, ...waiting.splice(0)]) entry.reject(fault);
      }
    }
    running = null;
  }

  return {
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    batch(writes) {
      if (!open) {
        return Promise.reject(
          new Fault('STORE_FAILED', { detail: 'expected an open store, came a closed one' }),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({ writes: [...writes], resolve, reject });
        running ??= run();
      });
    },
    async close() {
      open = false;
      await running;
      await store.close();
    },
  };
}

/** How many of the waiting batches fit into one write; one at least. */
function groupLength(waiting: readonly Waiting[]): number {
  let writes = 0;
  for (const [index, entry] of waiting.entries()) {
    writes += entry.writes.length;
    if (writes > MAX_JOINED_WRITES) return Math.max(index, 1);
  }
  return waiting.length;
}
