import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { Crypto, Signer } from '../../core/ports.ts';
import { fromHex, type PublicKey, toHex } from '../../core/units.ts';

const PKCS8_ED25519 = '302e020100300506032b657004220420';
const SPKI_ED25519 = '302a300506032b6570032100';

/** A real Ed25519 signer whose key is a function of the seed. */
export function testSigner(seed: string): Signer {
  const secret = createHash('sha256').update(seed).digest();
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from(PKCS8_ED25519, 'hex'), secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    key: toHex(spki.subarray(12)) as PublicKey,
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** Real Ed25519 checks by node:crypto. */
export const nodeCrypto: Crypto = {
  async verify(key, message, signature) {
    try {
      const spki = Buffer.concat([Buffer.from(SPKI_ED25519, 'hex'), fromHex(key)]);
      return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
    } catch {
      return false;
    }
  },
};
