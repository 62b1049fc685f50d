import assert from 'node:assert/strict';
import { fromHex, toHex } from '../../core/units.ts';
import { MAX_CBOR_DEPTH } from '../../core/wire/bounds.ts';
import { type CborReason, type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';

function nested(levels: number): string {
  return `${'81'.repeat(levels - 1)}80`;
}

describe('deterministic CBOR', () => {
  const items: readonly [why: string, hex: string, value: CborValue][] = [
    ['zero', '00', 0],
    ['the last integer of one byte', '17', 23],
    ['the first of two', '1818', 24],
    ['the last of two', '18ff', 255],
    ['the first of three', '190100', 256],
    ['the first of five', '1a00010000', 65_536],
    ['the first of nine', '1b0000000100000000', 4_294_967_296],
    ['the greatest exact integer', '1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['the least exact integer', '3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['minus one', '20', -1],
    ['true, false and null', '83f5f4f6', [true, false, null]],
    ['an empty list', '80', []],
    ['an empty map', 'a0', new Map()],
    ['bytes', '43010203', Uint8Array.of(1, 2, 3)],
    ['no bytes', '40', new Uint8Array()],
    ['no text', '60', ''],
    ['text beyond ASCII', '63e282ac', '€'],
    ['text outside the basic plane', '64f09f9880', '😀'],
    ['a byte order mark that is not the first character', '6461efbbbf', 'a\ufeff'],
    [
      'keys in the order of their bytes: integers, then negative ones, then texts by length',
      'a501022004600561610362616106',
      new Map<string | number, CborValue>([
        [1, 2],
        [-1, 4],
        ['', 5],
        ['a', 3],
        ['aa', 6],
      ]),
    ],
    ['a key that is a name of every object', 'a1695f5f70726f746f5f5f01', new Map([['__proto__', 1]])],
    ['the deepest nesting', nested(MAX_CBOR_DEPTH), deep(MAX_CBOR_DEPTH)],
  ];
  for (const [why, hex, value] of items) {
    it(`has one encoding of ${why}`, () => {
      assert.deepEqual(decodeCbor(fromHex(hex)), { ok: true, value });
      assert.equal(toHex(encodeCbor(value)), hex);
    });
  }

  const refusals: readonly [why: string, hex: string, reason: CborReason][] = [
    ['nothing', '', 'cbor-truncated'],
    ['a list that ends early', '8201', 'cbor-truncated'],
    ['a map that ends after a key', 'a101', 'cbor-truncated'],
    ['bytes that end early', '430102', 'cbor-truncated'],
    ['an argument that ends early', '1901', 'cbor-truncated'],
    ['a list that claims 2^32 items', '9b0000000100000000', 'cbor-truncated'],
    ['a map that claims 2^32 entries', 'bb0000000100000000', 'cbor-truncated'],
    ['bytes that claim 2^32 of them', '5b0000000100000000', 'cbor-truncated'],
    ['a second item', '0000', 'cbor-trailing'],
    ['23 in two bytes', '1817', 'cbor-not-minimal'],
    ['1 in three bytes', '190001', 'cbor-not-minimal'],
    ['65535 in five bytes', '1a0000ffff', 'cbor-not-minimal'],
    ['2^32 - 1 in nine bytes', '1b00000000ffffffff', 'cbor-not-minimal'],
    ['a length in two bytes that fits in one', '580100', 'cbor-not-minimal'],
    ['an integer beyond 2^53', '1b0020000000000000', 'cbor-unsupported'],
    ['a negative integer beyond 2^53', '3b001fffffffffffff', 'cbor-unsupported'],
    ['keys out of order', 'a2616201616102', 'cbor-key-order'],
    ['a key twice', 'a2616101616102', 'cbor-key-order'],
    ['a longer key before a shorter', 'a262616101616202', 'cbor-key-order'],
    ['a key of bytes', 'a1410001', 'cbor-unsupported'],
    ['a key that is a list', 'a18001', 'cbor-unsupported'],
    ['a key that is true', 'a1f501', 'cbor-unsupported'],
    ['one level too many', nested(MAX_CBOR_DEPTH + 1), 'cbor-too-deep'],
    ['thousands of levels, which would exhaust the stack', nested(15_000), 'cbor-too-deep'],
    ['a float', 'fb3ff8000000000000', 'cbor-unsupported'],
    ['half a float', 'f93c00', 'cbor-unsupported'],
    ['undefined', 'f7', 'cbor-unsupported'],
    ['true in two bytes', 'f8f5', 'cbor-unsupported'],
    ['a tag', 'c000', 'cbor-unsupported'],
    ['a big integer', 'c249010000000000000000', 'cbor-unsupported'],
    ['a list of no stated length', '9f01ff', 'cbor-unsupported'],
    ['a map of no stated length', 'bf0102ff', 'cbor-unsupported'],
    ['text in pieces', '7f6161ff', 'cbor-unsupported'],
    ['bytes in pieces', '5f4100ff', 'cbor-unsupported'],
    ['a reserved length', '1c', 'cbor-unsupported'],
    ['a byte order mark, which decoders drop', '64efbbbf61', 'cbor-text'],
    ['a byte that is no UTF-8', '61ff', 'cbor-text'],
    ['an overlong form', '62c080', 'cbor-text'],
    ['half of a surrogate pair', '63eda080', 'cbor-text'],
    ['a text cut within a character', '62e282', 'cbor-text'],
    ['a key that is no UTF-8', 'a161ff00', 'cbor-text'],
  ];
  for (const [why, hex, reason] of refusals) {
    it(`refuses ${why}`, () => {
      const verdict = decodeCbor(fromHex(hex));
      assert.equal(verdict.ok ? 'accepted' : verdict.reason, reason);
    });
  }
});

function deep(levels: number): CborValue {
  return levels === 1 ? [] : [deep(levels - 1)];
}
