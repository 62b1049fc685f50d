import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { Refusal } from '../cli/refusal.ts';
import { Fault } from '../errors.ts';
import type { Signer } from '../ports.ts';
import { type PublicKey, toHex } from '../units.ts';

/** The key of a vendor in a file: PKCS #8 as PEM, which OpenSSL reads, too. */
export interface VendorKey {
  readonly signer: Signer;
  /** Whether others than its owner may read the file. */
  readonly exposed: boolean;
}

/** Makes a key in a new file that only its owner can read, on disk when this resolves. Ends the command where there is a file. */
export async function writeNewKey(path: string, passphrase: string | undefined): Promise<PublicKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const pem = privateKey.export(
    passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase },
  );
  try {
    // 'wx': whoever overwrites a vendor's key can never again replace the codes that it signed.
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'EEXIST') throw new Refusal('CONFLICT', `there is a file ${path} already`, 'name another');
    throw new Refusal('FILE_UNWRITABLE', `a key cannot be written to ${path} (${code})`);
  }
  return publicKeyOf(privateKey);
}

/** The key in a file. Ends the command where there is none, or the passphrase is not its. */
export async function readKey(path: string, passphrase: string | undefined): Promise<VendorKey> {
  const pem = await textOf(path);
  if (pem.includes('ENCRYPTED') && passphrase === undefined) {
    throw new Fault('IDENTITY_LOCKED', { detail: `${path} is protected by a passphrase` });
  }
  const privateKey = keyIn(path, pem, passphrase);
  const { mode } = await stat(path);
  return {
    signer: {
      key: publicKeyOf(privateKey),
      sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
    },
    exposed: process.platform !== 'win32' && (mode & 0o077) !== 0,
  };
}

function keyIn(path: string, pem: string, passphrase: string | undefined): KeyObject {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    if (pem.includes('ENCRYPTED')) {
      throw new Fault('IDENTITY_LOCKED', { detail: `the passphrase does not open ${path}`, cause });
    }
  }
  throw new Refusal('INVALID_FILE', `${path} holds no Ed25519 key`, 'make one: leasehold-vendor keygen');
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: `${path} (${codeOf(cause)})`, cause });
  }
}

function publicKeyOf(key: KeyObject): PublicKey {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return toHex(Buffer.from(x, 'base64url')) as PublicKey;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
