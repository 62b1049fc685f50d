import type { PublicKey } from '../units.ts';

/** Keys that are kept imported; a realm has fewer, and a flood of invented ones must not grow memory. */
const MAX_KEYS = 4096;

/** Remembers what `make` gave for the keys used last, up to a bound. */
export function keyCache<T>(make: (key: PublicKey) => T, bound: number = MAX_KEYS): (key: PublicKey) => T {
  let recent = new Map<PublicKey, T>();
  let older = new Map<PublicKey, T>();
  return (key) => {
    const held = recent.get(key);
    if (held !== undefined) return held;
    const made = older.get(key) ?? make(key);
    if (recent.size >= Math.ceil(bound / 2)) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, made);
    return made;
  };
}
