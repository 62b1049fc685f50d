import type { webcrypto } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import type { Random } from '../ports.ts';
import { isPublicKey, type PublicKey, toHex } from '../units.ts';
import { ED25519 } from './crypto-webcrypto.ts';

/** An unlocked signing key of one WebCrypto; `privateKey` is extractable, so that it can be wrapped again. */
export interface Identity {
  readonly publicKey: PublicKey;
  readonly privateKey: webcrypto.CryptoKey;
}

/** What OWASP asks of PBKDF2-HMAC-SHA-256; 0.15 s on the machine that was measured. */
const ITERATIONS = 600_000;
/** A container from elsewhere must not keep an agent busy for minutes. */
const MAX_ITERATIONS = 10_000_000;
const SALT_BYTES = 16;
const IV_BYTES = 12;

const Base64 = z.base64().max(1024);

/** A signing key at rest: PKCS #8, either plain (`none`, for a host that starts unattended) or under a passphrase. */
export const IdentityContainer = z.strictObject({
  format: z.literal('leasehold-identity-1'),
  publicKey: z.custom<PublicKey>(isPublicKey, 'expected 64 lowercase hex digits'),
  protection: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none'), pkcs8: Base64 }),
    z.strictObject({
      kind: z.literal('passphrase'),
      kdf: z.literal('PBKDF2-SHA-256'),
      iterations: z.int().min(ITERATIONS).max(MAX_ITERATIONS),
      salt: Base64,
      cipher: z.literal('AES-256-GCM'),
      iv: Base64,
      wrapped: Base64,
    }),
  ]),
});
export type IdentityContainer = z.infer<typeof IdentityContainer>;

/** Makes a new Ed25519 key. */
export async function generateIdentity(subtle: webcrypto.SubtleCrypto): Promise<Identity> {
  const pair = (await subtle.generateKey(ED25519, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const raw = new Uint8Array((await subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer);
  return { publicKey: toHex(raw) as PublicKey, privateKey: pair.privateKey };
}

/** The key as PKCS #8 (RFC 8410), in clear. */
export async function exportPkcs8(subtle: webcrypto.SubtleCrypto, identity: Identity): Promise<Uint8Array> {
  return new Uint8Array((await subtle.exportKey('pkcs8', identity.privateKey)) as ArrayBuffer);
}

/** The key at rest; a passphrase of null leaves it in clear. */
export async function wrapIdentity(
  subtle: webcrypto.SubtleCrypto,
  random: Random,
  identity: Identity,
  passphrase: string | null,
): Promise<IdentityContainer> {
  const { publicKey, privateKey } = identity;
  if (passphrase === null) {
    const pkcs8 = toBase64(await exportPkcs8(subtle, identity));
    return { format: 'leasehold-identity-1', publicKey, protection: { kind: 'none', pkcs8 } };
  }
  const salt = random.bytes(SALT_BYTES);
  const iv = random.bytes(IV_BYTES);
  const key = await passphraseKey(subtle, passphrase, salt, ITERATIONS);
  const wrapped = new Uint8Array(await subtle.wrapKey('pkcs8', privateKey, key, sealing(iv, publicKey)));
  return {
    format: 'leasehold-identity-1',
    publicKey,
    protection: {
      kind: 'passphrase',
      kdf: 'PBKDF2-SHA-256',
      iterations: ITERATIONS,
      salt: toBase64(salt),
      cipher: 'AES-256-GCM',
      iv: toBase64(iv),
      wrapped: toBase64(wrapped),
    },
  };
}

/** Opens a key at rest. Throws Fault IDENTITY_LOCKED for a wrong or missing passphrase and for a damaged container. */
export async function unwrapIdentity(
  subtle: webcrypto.SubtleCrypto,
  container: IdentityContainer,
  passphrase: string | null,
): Promise<Identity> {
  const { protection, publicKey } = container;
  if (protection.kind === 'passphrase' && passphrase === null) {
    throw new Fault('IDENTITY_LOCKED', { detail: 'expected a passphrase, came none' });
  }
  const privateKey = await opened(subtle, container, passphrase ?? '');
  const held = await publicHalf(subtle, privateKey);
  // A container whose public half was exchanged would make the host sign under a name that is not its own.
  if (held !== publicKey) {
    throw new Fault('IDENTITY_LOCKED', { detail: `expected the key of ${publicKey}, came that of ${held}` });
  }
  return { publicKey, privateKey };
}

async function opened(
  subtle: webcrypto.SubtleCrypto,
  { protection, publicKey }: IdentityContainer,
  passphrase: string,
): Promise<webcrypto.CryptoKey> {
  try {
    if (protection.kind === 'none') {
      return await subtle.importKey('pkcs8', fromBase64(protection.pkcs8), ED25519, true, ['sign']);
    }
    const { salt, iterations, wrapped, iv } = protection;
    const key = await passphraseKey(subtle, passphrase, fromBase64(salt), iterations);
    const sealed = sealing(fromBase64(iv), publicKey);
    return await subtle.unwrapKey('pkcs8', fromBase64(wrapped), key, sealed, ED25519, true, ['sign']);
  } catch (cause) {
    const detail =
      protection.kind === 'none'
        ? 'expected a PKCS #8 key'
        : 'the passphrase is wrong, or the key was damaged';
    throw new Fault('IDENTITY_LOCKED', { detail, cause });
  }
}

/** The public key goes into the seal: a wrapped key cannot be passed off as that of another principal. */
function sealing(iv: Uint8Array, publicKey: PublicKey) {
  const additionalData = new TextEncoder().encode(`leasehold-identity-1 ${publicKey}`);
  return { name: 'AES-GCM', iv, additionalData };
}

async function passphraseKey(
  subtle: webcrypto.SubtleCrypto,
  passphrase: string,
  salt: Uint8Array,
  iterations: number,
): Promise<webcrypto.CryptoKey> {
  // NFKC, so that a passphrase typed on another keyboard or system is the same bytes.
  const bytes = new TextEncoder().encode(passphrase.normalize('NFKC'));
  const base = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  const usages = ['wrapKey', 'unwrapKey'] as const;
  return subtle.deriveKey(derivation, base, { name: 'AES-GCM', length: 256 }, false, [...usages]);
}

async function publicHalf(subtle: webcrypto.SubtleCrypto, privateKey: webcrypto.CryptoKey): Promise<string> {
  const { x } = (await subtle.exportKey('jwk', privateKey)) as webcrypto.JsonWebKey;
  return toHex(fromBase64((x ?? '').replaceAll('-', '+').replaceAll('_', '/')));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
