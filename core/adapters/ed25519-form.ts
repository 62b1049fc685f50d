import { type PublicKey, toHex } from '../units.ts';

/** y of the points whose order divides 8, little-endian, without the sign bit of x. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

const NOT_BELOW_P = /^(e[d-f]|f[0-9a-f])(ff){30}7f$/;

/**
 * Whether key and signature have a form that every Ed25519 implementation treats alike: 32 and 64 bytes, and key and
 * R neither written in a second way nor of small order.
 * Stops the key of small order, under which one signature fits every message, and the split between browsers (which
 * refuse these points, as WebCrypto's Ed25519 says) and OpenSSL (which takes them).
 */
export function isSoundForm(key: PublicKey, signature: Uint8Array): boolean {
  return signature.length === 64 && isSoundPoint(key) && isSoundPoint(toHex(signature.subarray(0, 32)));
}

function isSoundPoint(hex: string): boolean {
  if (hex.length !== 64) return false;
  const y = hex.slice(0, 62) + (Number.parseInt(hex.slice(62), 16) & 0x7f).toString(16).padStart(2, '0');
  return !SMALL_ORDER.has(y) && !NOT_BELOW_P.test(y);
}
