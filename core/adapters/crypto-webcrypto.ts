import type { webcrypto } from 'node:crypto';
import { Fault } from '../errors.ts';
import type { Crypto, Signer } from '../ports.ts';
import { fromHex, type PublicKey } from '../units.ts';
import { isSoundForm } from './ed25519-form.ts';
import { keyCache } from './key-cache.ts';

/** The name of the algorithm in WebCrypto (Secure Curves). */
export const ED25519 = { name: 'Ed25519' } as const;

/** Checks signatures through any WebCrypto: the browser's, Node's, or the one of @peculiar/webcrypto. */
export function webCrypto(subtle: webcrypto.SubtleCrypto): Crypto {
  const imported = keyCache((key) => importPublic(subtle, key));
  return {
    async verify(key, message, signature) {
      if (!isSoundForm(key, signature)) return false;
      const publicKey = await imported(key);
      if (publicKey === null) return false;
      return subtle.verify(ED25519, publicKey, signature, message);
    },
  };
}

/** The signer of an unlocked key of this WebCrypto. */
export function signerOf(
  subtle: webcrypto.SubtleCrypto,
  identity: { readonly publicKey: PublicKey; readonly privateKey: webcrypto.CryptoKey },
): Signer {
  return {
    key: identity.publicKey,
    async sign(message) {
      try {
        return new Uint8Array(await subtle.sign(ED25519, identity.privateKey, message));
      } catch (cause) {
        throw new Fault('IDENTITY_LOCKED', { detail: 'signing failed', cause });
      }
    },
  };
}

/** Null for 32 bytes that are not a point of the curve; a runtime without Ed25519 must not look like bad signatures. */
async function importPublic(
  subtle: webcrypto.SubtleCrypto,
  key: PublicKey,
): Promise<webcrypto.CryptoKey | null> {
  try {
    return await subtle.importKey('raw', fromHex(key), ED25519, true, ['verify']);
  } catch (error) {
    if (error instanceof Error && error.name === 'NotSupportedError') throw error;
    return null;
  }
}
