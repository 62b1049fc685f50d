import { memoryStore, type StoreImage } from '../../core/adapters/store-memory.ts';
import type { Lease } from '../../core/engine/lease.ts';
import type { Store, StoreWrite } from '../../core/ports.ts';
import { parseAppend } from '../../core/wire/append.ts';
import type { RigPorts } from './host-rig.ts';

/** Ports that note in which order they are used, with a disk that can be held up or broken. */
export interface RuntimePorts extends Required<RigPorts> {
  /** What was done, in order: `disk`, `counter`, `publish`, `event` and what the test notes itself. */
  readonly journal: string[];
  /** Everything that was published, as it was sent. */
  readonly published: Uint8Array[];
  readonly faults: unknown[];
  /** Leases that were probed; the answer is that of `gone`. */
  readonly probes: Lease[];
  readonly counted: { next: number };
  gone: boolean | Error;
  /** What the next batches fail with. */
  broken: unknown;
  /** Lets no batch reach the disk until the function that it gives is called. */
  holdDisk(): () => void;
  image(): StoreImage;
}

/** Ports on a disk that starts as the image says, with the counter that the last process left. */
export function runtimePorts(image?: StoreImage, next = 0): RuntimePorts {
  const disk = memoryStore(image);
  const [journal, published, faults, probes]: [string[], Uint8Array[], unknown[], Lease[]] = [[], [], [], []];
  let held: Promise<void> = Promise.resolve();

  async function batch(writes: readonly StoreWrite[]): Promise<void> {
    await held;
    if (ports.broken !== null) throw ports.broken;
    await disk.batch(writes);
    journal.push(`disk ${writes.map(inWords).join(' ')}`);
  }

  const store: Store = { get: disk.get, range: disk.range, close: disk.close, batch };
  const ports: RuntimePorts = {
    ...{ store, journal, published, faults, probes, counted: { next }, gone: false, broken: null },
    counter: {
      read: async () => ports.counted.next,
      async write(to) {
        ports.counted.next = to;
        journal.push(`counter ${to}`);
      },
    },
    async probe(lease) {
      probes.push(lease);
      if (typeof ports.gone !== 'boolean') throw ports.gone;
      return ports.gone;
    },
    event: (to, event) => void journal.push(`event ${to} ${event.event}`),
    publish(bytes) {
      published.push(bytes);
      const parsed = parseAppend(bytes);
      const runs = parsed.ok ? parsed.value : [];
      journal.push(`publish ${runs.map(({ from, records }) => `${from}+${records.length}`).join(' ')}`);
    },
    fault: (error) => void faults.push(error),
    holdDisk() {
      let release: () => void = () => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    image: () => disk.snapshot(),
  };
  return ports;
}

function inWords({ key, value }: StoreWrite): string {
  const [kind = '', log, seq] = key.split('/');
  const place = kind === 'record' ? `record/${Number.parseInt(seq ?? '', 16)}` : key;
  return value === null ? `-${place}` : log === undefined ? kind : place;
}

/** Lets everything happen that needs no disk and nobody else. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
