import { Refusal } from '../cli/refusal.ts';
import type { VendorDesk } from './vendor-io.ts';

/** The passphrase in a file (`-` is standard input), without its line end; undefined where none is named. */
export async function passphraseFrom(
  { files, stdin }: VendorDesk,
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = (await (path === '-' ? stdin.text() : files.read(path))).replace(/\r?\n$/, '');
  if (text === '') throw new Refusal('INVALID_FILE', `expected a passphrase in ${path}, came nothing`);
  return text;
}
