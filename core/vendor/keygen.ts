import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import { secretFrom } from '../cli/prompt.ts';
import { fingerprintOf } from '../state/grant-import.ts';
import { writeNewKey } from './key-file.ts';
import type { VendorDesk } from './vendor-io.ts';

/** What `keygen` is told. */
interface KeygenOptions {
  readonly key: string;
  readonly passphraseFile?: string;
}

/** `keygen`: a new key; the private half into a file, the public half to be shown. */
export async function makeKey(desk: VendorDesk, options: KeygenOptions): Promise<ExitCode> {
  const passphrase = await secretFrom(desk, options.passphraseFile);
  const key = await writeNewKey(options.key, passphrase);
  const fingerprint = fingerprintOf(key);
  desk.out.show('VendorKey', { key, fingerprint, file: options.key }, () => [key]);
  desk.out.note(`Fingerprint  ${fingerprint}`);
  desk.out.note(`Keep ${options.key} safe: whoever has it grants seats in your name`);
  return EXIT.success;
}
