import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../errors.ts';
import type { Signer } from '../ports.ts';
import { isLogId, type LogId, type PublicKey, type Seconds } from '../units.ts';
import { readIfThere, writeAtomically } from './atomic-file.ts';
import { peculiarSubtle } from './crypto-peculiar.ts';
import { signerOf } from './crypto-webcrypto.ts';
import {
  generateIdentity,
  type Identity,
  IdentityContainer,
  unwrapIdentity,
  wrapIdentity,
} from './identity.ts';
import { systemRandom } from './random.ts';

const FILE = 'identity.json';

const IdentityEntry = z.strictObject({
  log: z.custom<LogId>(isLogId, 'expected a log id').nullable(),
  createdAt: z.custom<Seconds>((value) => Number.isFinite(value), 'expected seconds').nullable(),
  container: IdentityContainer,
});

/** A key in the file: the log that it signs (null until it is invited), signed time of its making if there was any. */
export type IdentityEntry = z.infer<typeof IdentityEntry>;

const IdentityFile = z.strictObject({
  format: z.literal('leasehold-identities-1'),
  keys: z.array(IdentityEntry).max(1024),
});

/** The keys in `identity.json` of the data directory, oldest first. Throws Fault FILE_UNREADABLE. */
export async function listIdentities(directory: string): Promise<readonly IdentityEntry[]> {
  const path = join(directory, FILE);
  const text = await readIfThere(path);
  return text === null ? [] : parsed(IdentityFile, text, path).keys;
}

/**
 * Makes a key and adds it to the file. With a passphrase of null it is kept in clear, for a host that starts unattended.
 * The caller of this and of all that follow which write holds the lock of the data directory.
 */
export async function createIdentity(
  directory: string,
  options: {
    readonly passphrase: string | null;
    readonly log?: LogId | null;
    readonly createdAt?: Seconds | null;
  },
): Promise<IdentityEntry> {
  const subtle = await peculiarSubtle();
  const identity = await generateIdentity(subtle);
  const container = await wrapIdentity(subtle, systemRandom, identity, options.passphrase);
  const entry = { log: options.log ?? null, createdAt: options.createdAt ?? null, container };
  await rewrite(directory, (keys) => [...keys, entry]);
  return entry;
}

/** Takes a key out of the file for good; where there is none, nothing is done. */
export async function forgetIdentity(directory: string, key: PublicKey): Promise<void> {
  const isIt = ({ container }: IdentityEntry) => container.publicKey === key;
  if (!(await listIdentities(directory)).some(isIt)) return;
  await rewrite(directory, (keys) => keys.filter((entry) => !isIt(entry)));
}

/** Opens a key. Throws Fault IDENTITY_LOCKED: no such key, wrong passphrase, or a clear key that others may read. */
export async function loadIdentity(
  directory: string,
  key: PublicKey,
  passphrase: string | null,
): Promise<Identity> {
  const { container } = await entryOf(directory, key);
  if (container.protection.kind === 'none') await checkPrivate(join(directory, FILE));
  return unwrapIdentity(await peculiarSubtle(), container, passphrase);
}

/** The signer of a key in the file; its signing goes through @peculiar/webcrypto. Faults as `loadIdentity`. */
export async function signerFromFile(
  directory: string,
  key: PublicKey,
  passphrase: string | null,
): Promise<Signer> {
  return signerOf(await peculiarSubtle(), await loadIdentity(directory, key, passphrase));
}

/** The text of one entry under another passphrase, to carry elsewhere; null writes the key in clear. */
export async function exportIdentity(
  directory: string,
  key: PublicKey,
  options: { readonly passphrase: string | null; readonly exportPassphrase: string | null },
): Promise<string> {
  const entry = await entryOf(directory, key);
  const identity = await loadIdentity(directory, key, options.passphrase);
  const container = await wrapIdentity(
    await peculiarSubtle(),
    systemRandom,
    identity,
    options.exportPassphrase,
  );
  return textOf({ ...entry, container });
}

/**
 * Adds what `exportIdentity` gave, after opening it once; a key that is there already is replaced.
 * Throws Fault FILE_UNREADABLE or IDENTITY_LOCKED.
 */
export async function importIdentity(
  directory: string,
  text: string,
  passphrase: string | null,
): Promise<IdentityEntry> {
  const entry = parsed(IdentityEntry, text, 'the exported key');
  const key = entry.container.publicKey;
  await unwrapIdentity(await peculiarSubtle(), entry.container, passphrase);
  await rewrite(directory, (keys) => [...keys.filter((old) => old.container.publicKey !== key), entry]);
  return entry;
}

async function entryOf(directory: string, key: PublicKey): Promise<IdentityEntry> {
  const found = (await listIdentities(directory)).find(({ container }) => container.publicKey === key);
  if (found === undefined) throw new Fault('IDENTITY_LOCKED', { detail: `no key ${key} in ${directory}` });
  return found;
}

async function rewrite(
  directory: string,
  change: (keys: readonly IdentityEntry[]) => readonly IdentityEntry[],
): Promise<void> {
  const keys = change(await listIdentities(directory));
  await writeAtomically(join(directory, FILE), textOf({ format: 'leasehold-identities-1', keys }));
}

/** Another account that can read a clear key can sign as this host. Windows has no such bits; its profile is private. */
async function checkPrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new Fault('IDENTITY_LOCKED', { detail: `expected mode 600 of ${path}, came ${mode.toString(8)}` });
  }
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parsed<T>(schema: z.ZodType<T>, text: string, source: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    // The cause of a failed parse may quote the text, which holds a key.
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : 'expected JSON';
    throw new Fault('FILE_UNREADABLE', { detail: `${source}: ${detail}` });
  }
}
