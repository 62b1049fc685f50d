import { digest } from 'lib0/hash/sha256';
import { type Hash, toHex } from '../units.ts';

/** SHA-256 (FIPS 180-4) of the bytes; synchronous in every runtime. */
export function hashOf(bytes: Uint8Array): Hash {
  return toHex(digest(bytes)) as Hash;
}
