import { digest } from 'lib0/hash/sha256';
import { toHex } from '../units.ts';

/** SHA-256 (FIPS 180-4) of the bytes in hex, wherever JavaScript runs. */
export function sha256(bytes: Uint8Array): string {
  return toHex(digest(bytes));
}
