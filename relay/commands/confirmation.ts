import type { CommandIo } from './io.ts';

/** Hex digits of an id that stand for all of it where a person confirms. */
const SHORT = 8;

/** What is to go for good. */
interface Doomed {
  readonly realm: string;
  readonly name: string;
}

/** Why a name that was given to confirm is another; null if it is the realm's, or how its id begins. */
export function whyOther({ name, realm }: Doomed, given: string): string | null {
  // A realm may have no name, and saying nothing confirms nothing.
  if (given !== '' && (given === name || given === realm.slice(0, SHORT))) return null;
  return `expected ${wordsFor({ name, realm })}, came ${JSON.stringify(given)}`;
}

/** Why a realm is not to go: nobody who could be asked has named it; null where somebody has, by --confirm or on the terminal. */
export async function whyUnconfirmed(
  io: CommandIo,
  doomed: Doomed,
  given: string | undefined,
): Promise<string | null> {
  if (given !== undefined) return whyOther(doomed, given);
  const { name, realm } = doomed;
  const what = `Remove ${realm} (${JSON.stringify(name)}) and all that is held of it for good?`;
  const typed = await io.ask(`${what}\nType its name, or ${realm.slice(0, SHORT)}, to confirm: `);
  if (typed === null) return `${what} expected ${wordsFor(doomed)}`;
  return whyOther(doomed, typed.trim()) === null ? null : 'not confirmed';
}

// The name is what somebody else wrote: never in words that are meant for a shell.
function wordsFor({ name, realm }: Doomed): string {
  return `--confirm=${realm.slice(0, SHORT)}, or the name ${JSON.stringify(name)}`;
}
