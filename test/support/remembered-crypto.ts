import type { Crypto } from '../../core/ports.ts';
import { toHex } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';

/** Verdicts that are remembered before all are forgotten. */
const MAX_VERDICTS = 20_000;

/** The same verdicts as `crypto`, each found once: in a simulation every host checks the same signatures. */
export function rememberedCrypto(crypto: Crypto): Crypto {
  const verdicts = new Map<string, boolean>();
  return {
    async verify(key, message, signature) {
      const question = `${key}${toHex(signature)}${hashOf(message)}`;
      const known = verdicts.get(question);
      if (known !== undefined) return known;
      const verdict = await crypto.verify(key, message, signature);
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(question, verdict);
      return verdict;
    },
  };
}
