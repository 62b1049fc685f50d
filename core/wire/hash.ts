// The package names the implementation for each platform: hashing must be synchronous everywhere, and it is most of a bulk.
import { sha256 } from '#sha256';
import type { Hash } from '../units.ts';

/** SHA-256 (FIPS 180-4) of the bytes; synchronous in every runtime. */
export function hashOf(bytes: Uint8Array): Hash {
  return sha256(bytes) as Hash;
}
