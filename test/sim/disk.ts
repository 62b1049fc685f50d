import { memoryStore, type StoreImage } from '../../core/adapters/store-memory.ts';
import type { Store, StoreWrite } from '../../core/ports.ts';
import type { SeededRandom } from '../support/random.ts';
import type { Timeline } from './timeline.ts';

/** Thrown out of a port when the host's process is gone. */
export class CrashSignal extends Error {}

/** One life of a host's process: every operation on the world is counted, and at one of them the process may end. */
export interface Life {
  readonly alive: boolean;
  /** Counts an operation; throws CrashSignal when the life is over, or ends here. */
  operation(name: Operation): void;
}

/** Something that a process does to the world, between any two of which it may end. */
export type Operation =
  | 'write'
  | 'writing'
  | 'written'
  | 'sign'
  | 'count'
  | 'counted'
  | 'event'
  | 'publish'
  | 'published';

/** A disk: what is on it stays, what is on its way there is lost or kept by chance when the machine stops. */
export interface Disk {
  image(): StoreImage;
  /** The store of one life. */
  open(life: Life): Store;
  /** The process is gone: of the batches under way a first part is on the disk, each wholly. */
  crash(): void;
  /** Puts back what was there once. */
  restore(image: StoreImage): void;
  /** Whether batches are on their way. */
  readonly busy: boolean;
}

/** How a disk behaves. */
interface DiskOptions {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  /** The longest that a batch takes, in seconds. */
  readonly slowest: number;
  /** Says that a batch is on its way, before it is on the disk. */
  begun(writes: readonly StoreWrite[]): void;
  /** Says what has just become durable; the disk's `image` has it. */
  durable(writes: readonly StoreWrite[]): void;
  /** Batches that are called durable and are not: for a disk that lies. */
  loses?(writes: readonly StoreWrite[]): boolean;
  /** Says what became of the batches under way when the process ended. */
  broken(kept: number, lost: number): void;
}

interface UnderWay {
  readonly writes: readonly StoreWrite[];
  readonly life: Life;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Share of batches that are on the disk at once. */
const AT_ONCE = 0.6;

/** A disk with an image. */
export function newDisk(first: StoreImage, options: DiskOptions): Disk {
  const { random, timeline } = options;
  let platter = memoryStore(first);
  let underWay: UnderWay[] = [];

  async function write(writes: readonly StoreWrite[]): Promise<void> {
    if (options.loses?.(writes) === true) return;
    // Another disk may be in its place by then.
    const disk = platter;
    await disk.batch(writes);
    if (disk === platter) options.durable(writes);
  }

  function finishFirst(): void {
    const first = underWay.shift();
    if (first === undefined) return;
    const { done, failed, life, writes } = first;
    write(writes)
      .then(() => life.operation('written'))
      .then(done, failed);
  }

  function open(life: Life): Store {
    return {
      get: async (key) => platter.get(key),
      range: (range) => platter.range(range),
      async batch(writes) {
        life.operation('write');
        options.begun(writes);
        if (underWay.length === 0 && random.next() < AT_ONCE) {
          await write(writes);
          life.operation('written');
          return;
        }
        await new Promise<void>((done, failed) => {
          const batch = { writes, life, done, failed };
          underWay.push(batch);
          // Here the process may end with the batch half on its way: then it is on the disk, or not at all.
          life.operation('writing');
          timeline.after(random.next() * options.slowest, () => {
            // Batches reach a disk in order: one that is due brings those before it.
            const place = underWay.indexOf(batch);
            for (let i = 0; i <= place; i++) finishFirst();
          });
        });
      },
      async close() {},
    };
  }

  return {
    image: () => platter.snapshot(),
    open,
    crash() {
      const kept = random.int(underWay.length + 1);
      const lost = underWay;
      underWay = [];
      options.broken(kept, lost.length - kept);
      for (const { writes } of lost.slice(0, kept)) void write(writes);
    },
    restore(image) {
      underWay = [];
      platter = memoryStore(image);
    },
    get busy() {
      return underWay.length > 0;
    },
  };
}
