import { peculiarSubtle } from '../adapters/crypto-peculiar.ts';
import { exportPkcs8, generateIdentity } from '../adapters/identity.ts';
import type { Result } from '../result.ts';
import type { PublicKey } from '../units.ts';
import { bytes, fields, publicKey } from '../wire/shape.ts';
import { formatLine, type Line, type LineReason, parseLine } from './text-line.ts';

/** A recovery key (rule R9). It is kept apart from every host; whoever has enough of them can overrule a realm. */
export interface RecoveryKey {
  readonly key: PublicKey;
  readonly seed: Uint8Array;
}

const RECOVERY_KEY: Line<RecoveryKey> = {
  word: 'leasehold-recovery',
  shape: fields({ key: publicKey, seed: bytes({ length: 32 }) }),
};

/** Makes a recovery key. */
export async function makeRecoveryKey(): Promise<RecoveryKey> {
  const subtle = await peculiarSubtle();
  const identity = await generateIdentity(subtle);
  const pkcs8 = await exportPkcs8(subtle, identity);
  return { key: identity.publicKey, seed: pkcs8.slice(pkcs8.length - 32) };
}

/** The key as one line, to print once: `leasehold-recovery:1:…`. */
export function formatRecoveryKey(key: RecoveryKey): string {
  return formatLine(RECOVERY_KEY, key);
}

/** The key in a text. Total. */
export function parseRecoveryKey(line: string): Result<RecoveryKey, LineReason> {
  return parseLine(RECOVERY_KEY, line);
}
