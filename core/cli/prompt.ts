import type { CommandIo } from './command-io.ts';
import type { Files, Source } from './io.ts';
import { Refusal } from './refusal.ts';

/** Asks before something that can be undone; --yes answers. Never asks where nobody can answer. */
export async function confirm(io: CommandIo, question: string): Promise<void> {
  if (io.settings.yes) return;
  if (!io.settings.input) throw new Refusal('CONFIRMATION_NEEDED', `${question} needs a yes`, 'add --yes');
  const answer = await io.stdin.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('CONFIRMATION_NEEDED', 'not confirmed');
}

/** Asks for a name to be typed before something that cannot be undone; --confirm=NAME answers, --yes does not. */
export async function confirmByName(
  io: CommandIo,
  question: string,
  name: string,
  given: string | undefined,
): Promise<void> {
  const hint = `add --confirm=${name}`;
  mustBeName(name, given);
  if (given !== undefined) return;
  if (!io.settings.input) throw new Refusal('CONFIRMATION_NEEDED', `${question} needs its name`, hint);
  const answer = await io.stdin.ask(`${question}\nType ${name} to confirm: `);
  if (answer.trim() !== name) throw new Refusal('CONFIRMATION_NEEDED', 'not confirmed', hint);
}

/** Ends the command where a name was given to confirm, and is another. */
export function mustBeName(name: string, given: string | undefined): void {
  if (given === undefined || given === name) return;
  const hint = `add --confirm=${name}`;
  throw new Refusal('CONFIRMATION_NEEDED', `expected --confirm=${name}, came ${given}`, hint);
}

/** What texts are read from. */
interface Readers {
  readonly files: Pick<Files, 'read'>;
  readonly stdin: Pick<Source, 'text'>;
}

/** The secret, such as a passphrase, in a file (`-` is standard input), without its line end; undefined where none is named. */
export async function secretFrom(io: Readers, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = (await textFrom(io, path)).replace(/\r?\n$/, '');
  if (text === '') throw new Refusal('INVALID_FILE', `expected a secret in ${path}, came nothing`);
  return text;
}

/** The text of a file, or of standard input for `-`. */
export async function textFrom(io: Readers, path: string): Promise<string> {
  return path === '-' ? io.stdin.text() : io.files.read(path);
}

/** The passphrase of this host's key, from the file named or from where the agent reads it; null for a key in clear. */
export async function keyPassphrase(io: CommandIo, path: string | undefined): Promise<string | null> {
  const ofAgent = io.around.env.LEASEHOLD_PASSPHRASE_FILE || undefined;
  if (path !== undefined && ofAgent === undefined) {
    io.out.warn('The agent needs it too: set LEASEHOLD_PASSPHRASE_FILE where it is started');
  }
  return (await secretFrom(io, path ?? ofAgent)) ?? null;
}
