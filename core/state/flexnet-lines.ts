import { no, ok, type Result } from '../result.ts';

/** Characters of a whole options file. */
export const MAX_FLEXNET_TEXT = 16 * 1024 * 1024;
/** Lines of an options file. */
export const MAX_FLEXNET_LINES = 100_000;
/** Characters of one line with all that continues it. */
export const MAX_FLEXNET_LINE = 64 * 1024;
/** Characters of a line that are repeated in what is said about it. */
const SHOWN = 120;

/** A line with all that continues it, before its words are understood. */
export interface FlexnetLine {
  /** Number of its first line in the file, from 1. */
  readonly line: number;
  /** Its beginning, to be shown. */
  readonly text: string;
  /** Its words without quotes; none where it says nothing, null where it cannot be read, for which `flaw` gives the reason. */
  readonly words: readonly string[] | null;
  readonly flaw: 'bad-text' | 'too-long' | 'unfinished' | null;
  /** Keyword and first word of one that cannot be read, as far as they can be made out. */
  readonly beginning: readonly string[];
}

/** The lines of an options file, comments and empty ones included: every line of the file is in exactly one. */
export function flexnetLines(text: string): Result<readonly FlexnetLine[], 'too-long'> {
  if (text.length > MAX_FLEXNET_TEXT) {
    return no('too-long', `expected at most ${MAX_FLEXNET_TEXT} characters, came ${text.length}`);
  }
  const physical = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (physical.at(-1) === '') physical.pop();
  if (physical.length > MAX_FLEXNET_LINES) {
    return no('too-long', `expected at most ${MAX_FLEXNET_LINES} lines, came ${physical.length}`);
  }
  const lines: FlexnetLine[] = [];
  for (let at = 0; at < physical.length; ) {
    const line = at + 1;
    const parts: string[] = [];
    let goesOn = true;
    while (goesOn && at < physical.length) {
      const part = physical[at] ?? '';
      at += 1;
      // A comment ends with its line: what follows one by a slip of the key would be lost in silence.
      goesOn = !(parts.length === 0 && isComment(part)) && /\\[ \t]*$/.test(part);
      parts.push(goesOn ? part.replace(/\\[ \t]*$/, '') : part);
    }
    lines.push(read(line, parts, goesOn));
  }
  return ok(lines);
}

function isComment(text: string): boolean {
  return /^\s*#/.test(text);
}

function read(line: number, parts: readonly string[], unfinished: boolean): FlexnetLine {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const beginning = (parts[0] ?? '').slice(0, 4 * SHOWN);
  const text = clean(
    parts.length === 1
      ? beginning
      : parts
          .slice(0, SHOWN)
          .join(' ')
          .slice(0, 4 * SHOWN),
  );
  const flawed = (flaw: FlexnetLine['flaw']): FlexnetLine => ({
    ...{ line, text, words: null, flaw },
    beginning: beginningOf(parts),
  });
  const readable = { line, text, flaw: null, beginning: [] };
  if (isComment(parts[0] ?? '')) return { ...readable, words: [] };
  if (length > MAX_FLEXNET_LINE) return flawed('too-long');
  const whole = parts.join(' ');
  if (NO_TEXT.test(whole)) return flawed('bad-text');
  if (unfinished) return flawed('unfinished');
  if ((whole.split('"').length - 1) % 2 === 1) return flawed('bad-text');
  const words = whole.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return { ...readable, words: words.map((word) => word.replaceAll('"', '')) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for, as no name holds any
const NO_TEXT = /[\0-\x08\x0b-\x1f\x7f\ufffd]/;

// A keyword is known by what is left of it; a name that something is missing of may be any other.
function beginningOf(parts: readonly string[]): readonly string[] {
  const [keyword = '', target = ''] = parts.join(' ').slice(0, MAX_FLEXNET_LINE).trim().split(/\s+/, 2);
  const letters = keyword.replace(/[^a-z_]/gi, '');
  return [letters, NO_TEXT.test(target) ? '' : target.replaceAll('"', '')];
}

function clean(text: string): string {
  const shown = text
    .replace(/[^\P{C}\t]/gu, '�')
    .replace(/\s+/g, ' ')
    .trim();
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN - 1)}…` : shown;
}
