import { memoryStore } from '../../core/adapters/store-memory.ts';
import type { Store, StoreWrite } from '../../core/ports.ts';

/** A store in memory that notes each batch, and can be told to fail. */
export interface RecordedStore extends Store {
  /** The keys of each batch, in order. */
  readonly batches: readonly (readonly string[])[];
  /** What happened, with what the test itself notes in between. */
  readonly log: string[];
  /** From now on every batch fails with this. */
  fail(error: Error): void;
  /** Batches wait until the function that this gives is called. */
  hold(): () => void;
  /** Writes past the log. */
  put(writes: readonly StoreWrite[]): Promise<void>;
}

/** An empty one. */
export function recordedStore(): RecordedStore {
  const store = memoryStore();
  const batches: string[][] = [];
  const log: string[] = [];
  let failure: Error | null = null;
  let gate: Promise<void> = Promise.resolve();
  return {
    ...{ batches, log },
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    close: () => store.close(),
    put: (writes) => store.batch(writes),
    async batch(writes) {
      await gate;
      if (failure !== null) throw failure;
      await store.batch(writes);
      batches.push(writes.map(({ key }) => key));
      log.push('disk');
    },
    fail(error) {
      failure = error;
    },
    hold() {
      let open = (): void => undefined;
      gate = new Promise((done) => {
        open = done;
      });
      return open;
    },
  };
}
