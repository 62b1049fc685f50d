import { no, ok, type Result } from '../result.ts';
import { MAX_GRANT_BYTES } from './bounds.ts';
import { CHECK_SYMBOLS, checkSymbols, locateErrors } from './reed-solomon.ts';

/** Why a text is not bytes in groups. `detail` names the group, counted from 1 with the prefix. */
export type GroupsReason =
  | 'too-large'
  | 'other-text'
  | 'newer-format'
  | 'bad-character'
  | 'group-length'
  | 'group-missing'
  | 'group-extra'
  | 'mistyped'
  | 'truncated'
  | 'trailing';

/** Characters of a group. */
export const GROUP = 6;
/** Two characters are a symbol of the check, so each group is one symbol in each of three words. */
const COLUMNS = 3;
const SYMBOL_BITS = 10;
const GROUP_BITS = COLUMNS * SYMBOL_BITS;
/** Crockford's base 32: no I, L, O, U, so that nothing is read for a 1 or a 0. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Characters of one text, whatever stands between its groups. */
const MAX_CHARACTERS = 4096;
const CANONICAL = new RegExp(`^[${ALPHABET}]{${GROUP}}(?:-[${ALPHABET}]{${GROUP}})+`);
/** Spaces, line breaks, and what programs make of a hyphen. */
const BETWEEN = /[\s\p{Cf}\p{Pd}\u2212]+/gu;

/** Characters of the longest canonical text. */
export const MAX_CANONICAL =
  (GROUP + 1) * (1 + Math.ceil((SYMBOL_BITS + 8 * MAX_GRANT_BYTES) / GROUP_BITS) + CHECK_SYMBOLS) - 1;

/** Bytes in groups of six characters under a prefix of one group, with four groups of check: `GRANT1-5K2…`. At most MAX_GRANT_BYTES. */
export function encodeGroups(prefix: string, bytes: Uint8Array): string {
  const symbols = toSymbols(bytes);
  const columns = Array.from({ length: COLUMNS }, (_, column) =>
    symbols.filter((_, i) => i % COLUMNS === column),
  );
  const checks = columns.map(checkSymbols);
  for (let i = 0; i < CHECK_SYMBOLS; i++) symbols.push(...checks.map((check) => check[i] ?? 0));
  return [prefix, ...groupsOf(symbols.map(spelt).join(''))].join('-');
}

/**
 * Reads what `encodeGroups` made, in any case, with any spaces, line breaks and hyphens, and with O for 0 and I or L for
 * 1; `text` is its one canonical form. Up to two groups that are wrong, wherever they are, are found and named.
 */
export function decodeGroups(
  prefix: string,
  given: string,
): Result<{ readonly bytes: Uint8Array; readonly text: string }, GroupsReason> {
  if (given.length > MAX_CHARACTERS) {
    return no('too-large', `expected at most ${MAX_CHARACTERS} characters, came ${given.length}`);
  }
  const pieces = given
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .split(BETWEEN)
    .filter((piece) => piece !== '');
  const all = pieces.join('');
  if (!all.startsWith(prefix.slice(0, -1))) {
    return no('other-text', `expected a text that begins with ${prefix}-`);
  }
  if (!all.startsWith(prefix)) {
    return no('newer-format', `expected ${prefix}, came ${all.slice(0, prefix.length)}`);
  }
  const groups = groupsOf(all);
  const foreign = groups.findIndex((group) => [...group].some((char) => !ALPHABET.includes(char)));
  if (foreign >= 0) {
    const wrong = [...(groups[foreign] ?? '')].filter((char) => !ALPHABET.includes(char)).join(' ');
    return no('bad-character', `${named(groups, foreign)} holds ${wrong}, which no code has`);
  }
  const flaw = checked(groups, pieces);
  if (flaw !== null) return flaw;
  const bytes = fromSymbols(symbolsOf(groups.slice(1, -CHECK_SYMBOLS)));
  const text = groups.join('-');
  // What is left of the last group is zero: one text for the same bytes, or a code could be counted twice.
  return encodeGroups(prefix, bytes) === text
    ? ok({ bytes, text })
    : no('mistyped', 'its padding is not zero');
}

/**
 * The canonical text under this prefix with which a text begins, whatever follows; null if it does not begin with one. Quick,
 * and says nothing of what is wrong.
 */
export function canonicalAt(prefix: string, given: string): string | null {
  const [found = ''] = CANONICAL.exec(given) ?? [];
  if (!found.startsWith(prefix)) return null;
  const groups = found.split('-');
  const expected = lengthSaid(groups);
  const own = groups.slice(0, expected);
  if (own.length < expected || errorsIn(own)?.length !== 0) return null;
  return own.join('-');
}

type Flaw = Extract<Result<never, GroupsReason>, { ok: false }>;

function checked(groups: readonly string[], pieces: readonly string[]): Flaw | null {
  const expected = lengthSaid(groups);
  const whole = groups.at(-1)?.length === GROUP;
  const errors = whole ? errorsIn(groups) : null;
  if (errors?.length === 0 && groups.length === expected) return null;
  // The length may be what is mistyped; it must fit then as it should read.
  const right = errors?.find(([at]) => at === 1)?.[1];
  const fits = groups.length === (right === undefined ? expected : lengthSaid(['', right]));
  if (errors !== null && errors.length > 0 && fits) return mistyped(groups, errors);
  const odd = pieces.findIndex((piece) => piece.length !== GROUP);
  const regular = pieces.filter((piece) => piece.length === GROUP).length >= pieces.length / 2;
  const cutOff = odd === pieces.length - 1 && groups.length < expected;
  if (odd >= 0 && regular && pieces.length > 2 && !cutOff) {
    const { length } = pieces[odd] ?? '';
    return no('group-length', `${named(pieces, odd)} has ${length} characters, expected ${GROUP}`);
  }
  if (whole && groups.length === expected - 1) return missing(groups, expected);
  if (whole && groups.length === expected + 1) return surplus(groups, expected);
  const characters = groups.join('').length;
  const came = `expected ${GROUP * expected} characters, came ${characters}`;
  if (characters < GROUP * expected) return no('truncated', came);
  if (characters > GROUP * expected) return no('trailing', came);
  return no('mistyped', 'more than two groups are mistyped: compare each');
}

/** The groups that there should be, as the first of them says. */
function lengthSaid(groups: readonly string[]): number {
  const bytes = Math.min(symbolsOf(groups.slice(1, 2))[0] ?? 0, MAX_GRANT_BYTES);
  return 1 + Math.ceil((SYMBOL_BITS + 8 * bytes) / GROUP_BITS) + CHECK_SYMBOLS;
}

/** What each wrong group should read, by its place; null if more are wrong than can be found. */
function errorsIn(groups: readonly string[]): readonly (readonly [at: number, right: string])[] | null {
  const symbols = symbolsOf(groups.slice(1));
  const fixed = [...symbols];
  for (let column = 0; column < COLUMNS; column++) {
    const errors = locateErrors(symbols.filter((_, i) => i % COLUMNS === column));
    if (errors === null) return null;
    for (const { at, by } of errors) fixed[at * COLUMNS + column] = (fixed[at * COLUMNS + column] ?? 0) ^ by;
  }
  return groupsOf(fixed.map(spelt).join('')).flatMap((right, i) =>
    right === groups[i + 1] ? [] : [[i + 1, right] as const],
  );
}

function mistyped(groups: readonly string[], errors: readonly (readonly [number, string])[]): Flaw {
  const [a, b] = errors;
  if (errors.length === 2 && a !== undefined && b !== undefined) {
    if (groups[a[0]] === b[1] && groups[b[0]] === a[1]) {
      return no('mistyped', `groups ${a[0] + 1} and ${b[0] + 1} are swapped`);
    }
  }
  const each = errors.map(([at, right]) => `${named(groups, at)} is mistyped, ${right} would fit`);
  return no('mistyped', each.join('; '));
}

// Whoever types a page of groups skips one sooner than they mistype two.
function missing(groups: readonly string[], expected: number): Flaw {
  for (let at = 1; at <= groups.length; at++) {
    const errors = errorsIn([...groups.slice(0, at), '000000', ...groups.slice(at)]);
    const [first] = errors ?? [];
    if (errors !== null && errors.length <= 1 && (first === undefined || first[0] === at)) {
      return no('group-missing', `group ${at + 1} is missing, after ${groups[at - 1]}`);
    }
  }
  return no('truncated', `expected ${expected} groups, came ${groups.length}`);
}

function surplus(groups: readonly string[], expected: number): Flaw {
  for (let at = 1; at < groups.length; at++) {
    if (errorsIn(groups.toSpliced(at, 1))?.length === 0) {
      return no('group-extra', `${named(groups, at)} does not belong there`);
    }
  }
  return no('trailing', `expected ${expected} groups, came ${groups.length}`);
}

function named(groups: readonly string[], at: number): string {
  return `group ${at + 1} (${groups[at] ?? ''})`;
}

function groupsOf(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${GROUP}}`, 'gsu')) ?? [];
}

function spelt(symbol: number): string {
  return `${ALPHABET[symbol >> 5] ?? ''}${ALPHABET[symbol & 31] ?? ''}`;
}

function symbolsOf(groups: readonly string[]): number[] {
  const text = groups.join('');
  const symbols: number[] = [];
  for (let i = 0; i + 1 < text.length; i += 2) {
    symbols.push(32 * ALPHABET.indexOf(text[i] ?? '0') + ALPHABET.indexOf(text[i + 1] ?? '0'));
  }
  return symbols;
}

/** The number of bytes, the bytes, and zeros up to a whole group. */
function toSymbols(bytes: Uint8Array): number[] {
  const symbols = [bytes.length];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    if (bits < SYMBOL_BITS) continue;
    bits -= SYMBOL_BITS;
    symbols.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  if (bits > 0) symbols.push(held << (SYMBOL_BITS - bits));
  while (symbols.length % COLUMNS !== 0) symbols.push(0);
  return symbols;
}

function fromSymbols(symbols: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.min(symbols[0] ?? 0, MAX_GRANT_BYTES));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const symbol of symbols.slice(1)) {
    held = (held << SYMBOL_BITS) | symbol;
    bits += SYMBOL_BITS;
    while (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
    held &= (1 << bits) - 1;
  }
  return bytes;
}
