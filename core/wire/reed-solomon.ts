/** Symbols of check at the end of a word: four find any two wrong symbols, wherever they are. */
export const CHECK_SYMBOLS = 4;
/** Symbols of a word, check included: as many as the field has powers. */
export const MAX_SYMBOLS = 1023;

const POWERS = new Uint16Array(2 * MAX_SYMBOLS);
const LOGARITHMS = new Uint16Array(MAX_SYMBOLS + 1);
// GF(1024) by x¹⁰ + x³ + 1, which is primitive.
for (let power = 0, value = 1; power < MAX_SYMBOLS; power++) {
  POWERS[power] = value;
  POWERS[power + MAX_SYMBOLS] = value;
  LOGARITHMS[value] = power;
  value <<= 1;
  if (value > MAX_SYMBOLS) value ^= 0b100_0000_1001;
}

/** A symbol that is wrong, and what has to be added (as bits, without carry) to make it right. */
interface SymbolError {
  readonly at: number;
  readonly by: number;
}

/** The symbols of check for a word of 10-bit symbols: a Reed-Solomon code of distance five with the roots α⁰ … α³. */
export function checkSymbols(word: readonly number[]): readonly number[] {
  const rest: number[] = new Array(CHECK_SYMBOLS).fill(0);
  for (const symbol of word) {
    const lead = symbol ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [i, factor] of GENERATOR.entries()) rest[i] = (rest[i] ?? 0) ^ times(lead, factor);
  }
  return rest;
}

/** The wrong symbols of a word with its check, at most two; null if more are wrong, and nothing can be said of where. */
export function locateErrors(word: readonly number[]): readonly SymbolError[] | null {
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((root) => syndrome(word, root)) as [
    number,
    number,
    number,
    number,
  ];
  if ((s0 | s1 | s2 | s3) === 0) return [];
  const one = oneError(word.length, s0, s1);
  if (one !== null && s2 === times(s1, divided(s1, s0)) && s3 === times(s2, divided(s1, s0))) return [one];
  const determinant = times(s1, s1) ^ times(s0, s2);
  if (determinant === 0) return null;
  const sum = divided(times(s1, s2) ^ times(s0, s3), determinant);
  const product = divided(times(s1, s3) ^ times(s2, s2), determinant);
  const roots = word.flatMap((_, at) => {
    const place = placeOf(word.length, at);
    return (times(place, place) ^ times(sum, place) ^ product) === 0 ? [{ at, place }] : [];
  });
  const [a, b] = roots;
  if (a === undefined || b === undefined) return null;
  const byA = divided(s1 ^ times(s0, b.place), a.place ^ b.place);
  return [
    { at: a.at, by: byA },
    { at: b.at, by: s0 ^ byA },
  ];
}

function oneError(length: number, s0: number, s1: number): SymbolError | null {
  if (s0 === 0 || s1 === 0) return null;
  const at = length - 1 - (LOGARITHMS[divided(s1, s0)] ?? 0);
  return at < 0 ? null : { at, by: s0 };
}

function syndrome(word: readonly number[], root: number): number {
  let value = 0;
  for (const symbol of word) value = times(value, POWERS[root] ?? 0) ^ symbol;
  return value;
}

/** The power of α that stands for a place: the last symbol is the coefficient of x⁰. */
function placeOf(length: number, at: number): number {
  return POWERS[length - 1 - at] ?? 0;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (POWERS[(LOGARITHMS[a] ?? 0) + (LOGARITHMS[b] ?? 0)] ?? 0);
}

function divided(a: number, b: number): number {
  return a === 0 ? 0 : (POWERS[(LOGARITHMS[a] ?? 0) + MAX_SYMBOLS - (LOGARITHMS[b] ?? 0)] ?? 0);
}

/** (x − α⁰)(x − α¹)(x − α²)(x − α³) without its leading 1, the highest power first. */
const GENERATOR: readonly number[] = (() => {
  let polynomial = [1];
  for (let root = 0; root < CHECK_SYMBOLS; root++) {
    const shifted = [...polynomial, 0];
    for (const [i, factor] of polynomial.entries()) {
      shifted[i + 1] = (shifted[i + 1] ?? 0) ^ times(factor, POWERS[root] ?? 0);
    }
    polynomial = shifted;
  }
  return polynomial.slice(1);
})();
