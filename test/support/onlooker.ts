import { type MemoryStore, memoryStore, type StoreImage } from '../../core/adapters/store-memory.ts';
import type { Clock, Crypto, Signer } from '../../core/ports.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { nodeCrypto } from './keys.ts';

/** A host that looks on, and its disk. */
export interface Onlooker {
  readonly runtime: Runtime;
  readonly store: MemoryStore;
  /** Takes each run as an update of its own. */
  hear(...runs: readonly Run[]): Promise<void>;
}

/** Who looks on, and what was on its disk before. */
interface Looking {
  readonly realm: Hash;
  readonly log: LogId;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly opening?: readonly Uint8Array[];
  readonly image?: StoreImage | undefined;
  readonly crypto?: Crypto;
}

/** Opens a host that nobody else hears of, and that throws the first fault it meets. */
export async function lookOn({ image, ...looking }: Looking): Promise<Onlooker> {
  const store = memoryStore(image);
  const runtime = await openRuntime({
    ...{ store, crypto: nodeCrypto, opening: [], ...looking },
    ...{ probe: async () => false, event: () => undefined, publish: () => undefined },
    counter: { read: async () => 0, write: async () => undefined },
    fault(error) {
      throw error;
    },
  });
  return {
    ...{ runtime, store },
    async hear(...runs) {
      for (const run of runs) await runtime.update(encodeAppend([run]));
    },
  };
}
