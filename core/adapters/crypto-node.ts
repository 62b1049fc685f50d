import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Crypto } from '../ports.ts';
import type { PublicKey } from '../units.ts';
import { fromHex } from '../units.ts';
import { isSoundForm } from './ed25519-form.ts';
import { keyCache } from './key-cache.ts';

/**
 * Checks handed to the thread pool at once. LevelDB's writes wait in the same queue, so a bulk of checks must not fill
 * it; twice the pool's size keeps every thread busy.
 */
const MAX_IN_FLIGHT = 8;

const imported = keyCache(importPublic);
const waiting: (() => void)[] = [];
let inFlight = 0;
let isSpent = false;

/**
 * Checks signatures with OpenSSL on the thread pool: every core works, and the event loop stays free. A check that comes
 * alone is made at once, one in a turn of the event loop.
 */
export const nodeCrypto: Crypto = {
  async verify(key, message, signature) {
    if (!isSoundForm(key, signature)) return false;
    const publicKey = imported(key);
    if (publicKey === null) return false;
    return isAlone() ? verify(null, message, publicKey, signature) : check(publicKey, message, signature);
  },
};

/**
 * A thread has to be woken and waited for, which for one check takes longer than the check, and milliseconds when the
 * core that it slept on is busy. One a turn, so that a flood of bad signatures cannot hold the event loop up.
 */
function isAlone(): boolean {
  if (isSpent || inFlight > 0) return false;
  isSpent = true;
  setImmediate(() => {
    isSpent = false;
  });
  return true;
}

function check(key: KeyObject, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const start = () => {
      inFlight++;
      verify(null, message, key, signature, (error, valid) => {
        inFlight--;
        waiting.shift()?.();
        if (error === null) resolve(valid);
        else reject(error);
      });
    };
    if (inFlight < MAX_IN_FLIGHT) start();
    else waiting.push(start);
  });
}

/** Null for 32 bytes that are no point, if OpenSSL looks now and not when it checks; a JWK is read faster than DER. */
function importPublic(key: PublicKey): KeyObject | null {
  const x = Buffer.from(fromHex(key)).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return null;
  }
}
