/** A repeatable source of chance for tests: the same seed gives the same run. */
export interface SeededRandom {
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** An integer from 0 up to, not including, `n`. */
  int(n: number): number;
  bytes(length: number): Uint8Array;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to choose test cases. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (n: number): number => Math.floor(next() * n);
  return {
    next,
    int,
    bytes: (length) => Uint8Array.from({ length }, () => int(256)),
    pick: (list) => {
      if (list.length === 0) throw new RangeError('expected a list that is not empty');
      return list[int(list.length)] as (typeof list)[number];
    },
  };
}
