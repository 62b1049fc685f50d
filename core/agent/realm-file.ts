import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { Fault } from '../errors.ts';
import {
  type Hash,
  isHash,
  isLogId,
  isPrincipalId,
  isPublicKey,
  type LogId,
  type PrincipalId,
  type PublicKey,
} from '../units.ts';
import { parseAppend } from '../wire/append.ts';
import type { RealmRelay } from './invitation.ts';

/** A relay as this host uses it; `register` is what its operator asks of whoever brings a new realm. */
export interface KnownRelay extends RealmRelay {
  readonly register: string | null;
}

/** Which realm a data directory belongs to, who it is there, and which relays it knows. */
export interface RealmFile {
  readonly realm: Hash;
  readonly log: LogId;
  readonly key: PublicKey;
  readonly principal: PrincipalId;
  readonly relays: readonly KnownRelay[];
  /** The private half of the invitation's one-time key in hex, by which a relay knows a newcomer; null for a founder. */
  readonly once: string | null;
  /** The first records of this host's log as an append-profile update, in base64. A newcomer's wait here until the ledger holds its invitation. */
  readonly opening: string;
}

/** The name of the file in the data directory. */
export const REALM_FILE = 'realm.json';

const FORMAT = 'leasehold-realm-1';

const RealmFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  realm: z.custom<Hash>(isHash, 'expected 64 lowercase hex digits'),
  log: z.custom<LogId>(isLogId, 'expected a log id'),
  key: z.custom<PublicKey>(isPublicKey, 'expected 64 lowercase hex digits'),
  principal: z.custom<PrincipalId>(isPrincipalId, 'expected a principal id'),
  relays: z.array(
    z.strictObject({
      url: z.string(),
      key: z.custom<PublicKey>(isPublicKey, 'expected 64 lowercase hex digits').nullable(),
      token: z.string().nullable(),
      register: z.string().nullable(),
    }),
  ),
  once: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  opening: z.base64(),
});

/** The realm of a data directory, or null if it has none. Throws Fault FILE_UNREADABLE. */
export async function readRealmFile(dataDir: string): Promise<RealmFile | null> {
  const path = join(dataDir, REALM_FILE);
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    const { format: _, ...realm } = RealmFileSchema.parse(JSON.parse(text));
    return realm;
  } catch (cause) {
    // The text holds tokens, so a failed parse must not quote it.
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : 'expected JSON';
    throw new Fault('FILE_UNREADABLE', { detail: `${path}: ${detail}` });
  }
}

/** The records in a realm file's opening, oldest first. Throws Fault FILE_UNREADABLE. */
export function openingRecords({ log, opening }: RealmFile): readonly Uint8Array[] {
  const runs = parseAppend(new Uint8Array(Buffer.from(opening, 'base64')));
  const [run] = runs.ok ? runs.value : [];
  if (run?.log !== log) throw new Fault('FILE_UNREADABLE', { detail: `${REALM_FILE}: opening` });
  return run.records.map((record) => record.slice());
}

/** Writes the file as a whole or not at all; the caller holds the lock of the data directory. Throws Fault as `writeAtomically`. */
export async function writeRealmFile(dataDir: string, realm: RealmFile): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...realm }, null, 2)}\n`;
  await writeAtomically(join(dataDir, REALM_FILE), text);
}

/** Takes the file away, after which the directory belongs to no realm. */
export async function removeRealmFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, REALM_FILE), { force: true });
}
