/** The checked quantities and names that travel between rooms. Each is made in one place, where it is checked. */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A log's number in a realm: an integer 1 … 2^32 − 1, assigned by a signed invitation, and the Yjs client id of its records. */
export type LogId = Brand<number, 'LogId'>;

/** A principal's immutable id in the registry, such as `host-ws01` or `ana`: 1 to 64 characters of `[a-z0-9._-]`. */
export type PrincipalId = Brand<string, 'PrincipalId'>;

/** SHA-256 as 64 lowercase hex digits; the form used as a map key. */
export type Hash = Brand<string, 'Hash'>;

/** A raw Ed25519 public key (RFC 8032) as 64 lowercase hex digits. */
export type PublicKey = Brand<string, 'PublicKey'>;

/** Seconds since 1970-01-01T00:00:00Z, or a span of seconds; may be fractional. */
export type Seconds = Brand<number, 'Seconds'>;

const HEX_32 = /^[0-9a-f]{64}$/;
const PRINCIPAL_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const MAX_LOG_ID = 0xffff_ffff;

/** Whether the value is a well-formed log id. */
export function isLogId(value: unknown): value is LogId {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_LOG_ID;
}

/** Whether the value is a well-formed principal id. */
export function isPrincipalId(value: unknown): value is PrincipalId {
  return typeof value === 'string' && PRINCIPAL_ID.test(value);
}

/** Whether the value is 32 bytes in lowercase hex. */
export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && HEX_32.test(value);
}

/** Whether the value has the form of a raw Ed25519 public key in lowercase hex. */
export function isPublicKey(value: unknown): value is PublicKey {
  return typeof value === 'string' && HEX_32.test(value);
}

/** Brands a number of seconds. */
export function seconds(value: number): Seconds {
  return value as Seconds;
}

const HEX_DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Arguments of one call; more could exhaust the stack. */
const MAX_CODES = 4096;

/** Lowercase hex of the bytes. */
export function toHex(bytes: Uint8Array): string {
  // Made in one piece: a text that grows digit by digit is a tree of as many texts until somebody compares it.
  const codes: number[] = [];
  for (const byte of bytes) codes.push(HEX_DIGITS[byte >> 4] ?? 0, HEX_DIGITS[byte & 15] ?? 0);
  if (codes.length <= MAX_CODES) return String.fromCharCode(...codes);
  let out = '';
  for (let at = 0; at < codes.length; at += MAX_CODES) {
    out += String.fromCharCode(...codes.slice(at, at + MAX_CODES));
  }
  return out;
}

/** The bytes of an even-length hex string; the caller has checked its form. */
export function fromHex(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return out;
}
