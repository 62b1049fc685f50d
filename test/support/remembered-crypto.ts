import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Crypto } from '../../core/ports.ts';
import { fromHex, type PublicKey } from '../../core/units.ts';

/** Verdicts that are remembered before all are forgotten. */
const MAX_VERDICTS = 20_000;

/** Real Ed25519 checks in the order of asking, each made once: in a simulation every host checks the same signatures. */
export function rememberedCrypto(): Crypto {
  const verdicts = new Map<string, boolean>();
  const keys = new Map<PublicKey, KeyObject>();

  function keyObject(key: PublicKey): KeyObject {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const x = Buffer.from(fromHex(key)).toString('base64url');
    const object = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    keys.set(key, object);
    return object;
  }

  function check(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
    try {
      return verify(null, message, keyObject(key), signature);
    } catch {
      return false;
    }
  }

  return {
    async verify(key, message, signature) {
      const signed = Buffer.from(signature).toString('latin1');
      const question = `${key}${signed}${hash('sha1', message, 'base64')}`;
      const known = verdicts.get(question);
      if (known !== undefined) return known;
      const verdict = check(key, message, signature);
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(question, verdict);
      return verdict;
    },
  };
}
