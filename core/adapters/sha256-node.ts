let openssl: typeof import('node:crypto') | undefined;

/**
 * SHA-256 (FIPS 180-4) of the bytes in hex, on Node: one call into OpenSSL, eight times as fast as JavaScript. OpenSSL is
 * loaded by the first: a program that only says how it is used does without.
 */
export function sha256(bytes: Uint8Array): string {
  openssl ??= process.getBuiltinModule('node:crypto');
  return openssl.hash('sha256', bytes, 'hex');
}
