import type { Sink } from './io.ts';

const CODES = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;

/** What a piece of text is; colour repeats what a word or a sign beside it says. */
export type Tone = keyof typeof CODES;

/**
 * Whether to colour what is written there: never under --no-color, NO_COLOR (no-color.org), LEASEHOLD_NO_COLOR or
 * TERM=dumb; always under FORCE_COLOR; otherwise on a terminal.
 */
export function wantsColour(
  sink: Sink,
  env: Readonly<Record<string, string | undefined>>,
  flag: boolean,
): boolean {
  if (!flag || env.NO_COLOR || env.LEASEHOLD_NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return sink.isTTY && env.TERM !== 'dumb';
}

/** The text in a tone. */
export function toned(text: string, tone: Tone, colour: boolean): string {
  return colour ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}
