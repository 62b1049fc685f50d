import { Fault } from '../errors.ts';
import type { Store, StoreRange, StoreWrite } from '../ports.ts';

/** What a disk holds: what a crash leaves, and what a restored backup brings back. */
export type StoreImage = ReadonlyMap<string, Uint8Array>;

/** A store in memory, with the same contract as the one on disk. */
export interface MemoryStore extends Store {
  /** What is on the disk now; later writes do not change it. */
  snapshot(): StoreImage;
}

/** A store in memory that starts as the image says: `memoryStore(old.snapshot())` is a machine after a crash. */
export function memoryStore(image: StoreImage = new Map()): MemoryStore {
  const values = new Map<string, Uint8Array>();
  const keys: string[] = [];
  let open = true;

  function put(key: string, value: Uint8Array): void {
    if (!values.has(key)) keys.splice(position(keys, key), 0, key);
    values.set(key, value.slice());
  }

  function remove(key: string): void {
    if (values.delete(key)) keys.splice(position(keys, key), 1);
  }

  function mustBeOpen(): void {
    if (!open) throw new Fault('STORE_FAILED', { detail: 'expected an open store, came a closed one' });
  }

  function* entries(range: StoreRange): Generator<readonly [string, Uint8Array]> {
    for (const key of keys.slice(position(keys, range.from), position(keys, range.to))) {
      const value = values.get(key);
      if (value !== undefined) yield [key, value.slice()];
    }
  }

  for (const [key, value] of image) put(key, value);
  return {
    async get(key) {
      mustBeOpen();
      return values.get(key)?.slice();
    },
    async *range(range) {
      mustBeOpen();
      for (const entry of [...entries(range)]) {
        mustBeOpen();
        yield entry;
      }
    },
    async batch(writes: readonly StoreWrite[]) {
      mustBeOpen();
      for (const { key, value } of writes) value === null ? remove(key) : put(key, value);
    },
    async close() {
      open = false;
    },
    snapshot: () => new Map(values),
  };
}

/** The index of the first key that is not before this one. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(keys[middle] ?? '', key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** UTF-8 orders by code point; JavaScript's `<` orders by UTF-16 unit and puts U+10000 before U+FFFD. */
function isBefore(left: string, right: string): boolean {
  const end = Math.min(left.length, right.length);
  for (let i = 0; i < end; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return rank(a) < rank(b);
  }
  return left.length < right.length;
}

/** Lifts surrogates (D800 … DFFF) above the rest of the basic plane. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
