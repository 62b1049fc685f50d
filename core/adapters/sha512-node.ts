import { hash } from 'node:crypto';

/** SHA-512 on Node, at once: one call into OpenSSL without a stream object. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return hash('sha512', bytes, 'buffer');
}
