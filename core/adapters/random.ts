import type { Random } from '../ports.ts';

/** The random bytes of the operating system. */
export const systemRandom: Random = {
  bytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
};
