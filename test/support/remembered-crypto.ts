import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Crypto } from '../../core/ports.ts';
import { fromHex, type PublicKey } from '../../core/units.ts';

/** Verdicts that are remembered before all are forgotten. */
const MAX_VERDICTS = 20_000;

/** A crypto that may be told of signatures. */
export interface RememberedCrypto extends Crypto {
  /** Takes note of a signature that the key itself has just made. */
  made(key: PublicKey, message: Uint8Array, signature: Uint8Array): void;
}

/** Real Ed25519 checks in the order of asking, each made once: in a simulation every host checks the same signatures. */
export function rememberedCrypto(): RememberedCrypto {
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

  function questionOf(key: PublicKey, message: Uint8Array, signature: Uint8Array): string {
    return `${key}${Buffer.from(signature).toString('latin1')}${hash('sha1', message, 'base64')}`;
  }

  function remember(question: string, verdict: boolean): boolean {
    if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
    verdicts.set(question, verdict);
    return verdict;
  }

  return {
    made: (key, message, signature) => void remember(questionOf(key, message, signature), true),
    async verify(key, message, signature) {
      const question = questionOf(key, message, signature);
      return verdicts.get(question) ?? remember(question, check(key, message, signature));
    },
  };
}
