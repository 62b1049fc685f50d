import assert from 'node:assert/strict';
import { CHECK_SYMBOLS, checkSymbols, locateErrors } from '../../core/wire/reed-solomon.ts';
import { seededRandom } from '../support/random.ts';

/** GF(1024) by shifting and adding: the slow way, to compare with. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 9; bit >= 0; bit--) {
    product <<= 1;
    if (product & 1024) product ^= 0b100_0000_1001;
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

const ROOTS = [1, 2, 4, 8] as const;

function valueAt(word: readonly number[], root: number): number {
  return word.reduce((sum, symbol) => times(sum, root) ^ symbol, 0);
}

function isWord(word: readonly number[]): boolean {
  return ROOTS.every((root) => valueAt(word, root) === 0);
}

/** The coefficients of the product of (x − root), the highest power first. */
function withRoots(roots: readonly number[]): readonly number[] {
  let polynomial: readonly number[] = [1];
  for (const root of roots) {
    const raised = [...polynomial, 0];
    polynomial = raised.map((each, i) => each ^ (i === 0 ? 0 : times(raised[i - 1] ?? 0, root)));
  }
  return polynomial;
}

function added(word: readonly number[], errors: ReadonlyMap<number, number>): readonly number[] {
  return word.map((symbol, at) => symbol ^ (errors.get(at) ?? 0));
}

describe('The check of a word', () => {
  const random = seededRandom(7);
  const below = (bound: number) => random.int(bound);
  const anyWord = () => {
    const content = Array.from({ length: 1 + below(40) }, () => below(1024));
    return [...content, ...checkSymbols(content)];
  };

  /** That what is said of a word makes it right, if anything is said. */
  function assertTrue(word: readonly number[]): 'silent' | 'said' {
    const found = locateErrors(word);
    if (found === null) return 'silent';
    const errors = new Map(found.map(({ at, by }) => [at, by]));
    assert(errors.size === found.length && found.length <= 2, `${word}`);
    for (const { at, by } of found) assert(at >= 0 && at < word.length && by > 0, `${word}`);
    assert(isWord(added(word, errors)), `${word}`);
    return 'said';
  }

  it('has the roots that it should', () => {
    assert.equal(CHECK_SYMBOLS, ROOTS.length);
    for (let i = 0; i < 200; i++) assert(isWord(anyWord()));
    assert.deepEqual(locateErrors([]), []);
  });

  it('never tells of more than two wrong symbols what does not make the word right', () => {
    const told = { silent: 0, said: 0 };
    for (let i = 0; i < 20_000; i++) {
      const word = anyWord();
      const errors = new Map(
        Array.from({ length: 3 + below(4) }, () => [below(word.length), 1 + below(1023)]),
      );
      told[assertTrue(added(word, errors))] += 1;
    }
    assert(told.silent > 10 * told.said && told.said > 0, JSON.stringify(told));
  });

  it('is not taken in by errors that leave some of its roots as they are', () => {
    for (let subset = 1; subset < 16; subset++) {
      const wrong = withRoots(ROOTS.filter((_, i) => (subset >> i) & 1));
      for (let i = 0; i < 400; i++) {
        const word = anyWord();
        const shift = below(word.length - wrong.length + 1);
        const by = 1 + below(1023);
        assertTrue(added(word, new Map(wrong.map((each, at) => [shift + at, times(each, by)]))));
      }
    }
  });
});
