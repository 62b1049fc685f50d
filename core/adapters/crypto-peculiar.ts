import type { webcrypto } from 'node:crypto';

let made: Promise<webcrypto.SubtleCrypto> | null = null;

/**
 * The WebCrypto behind the signing port on Node: identity keys are made, wrapped, opened and used through it (DESIGN,
 * section 17), so that its PKCS #11 sibling can take its place for a smart card.
 * Loaded at the first use: it takes as long as all the rest of a command.
 */
export function peculiarSubtle(): Promise<webcrypto.SubtleCrypto> {
  made ??= import('@peculiar/webcrypto').then(({ Crypto }) => new Crypto().subtle);
  return made;
}
