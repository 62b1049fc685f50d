import assert from 'node:assert/strict';
import type { Hash, LogId } from '../../core/units.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import {
  anything,
  bytes,
  checked,
  decodeShape,
  fields,
  flag,
  hash,
  integer,
  list,
  logId,
  mapOf,
  nullable,
  optional,
  publicKey,
  type Shape,
  text,
  tuple,
  word,
} from '../../core/wire/shape.ts';

const any = <T>(shape: Shape<T>) => shape as Shape<unknown>;
const even = (value: unknown): value is number => typeof value === 'number' && value % 2 === 0;
const point = fields({ x: integer(9), y: nullable(integer(9)) });
const spare = fields({ x: integer(9), y: optional(integer(9)) });
const pair = (x: CborValue, y: CborValue) =>
  new Map<string, CborValue>([
    ['x', x],
    ['y', y],
  ]);
const deep = (levels: number): CborValue => (levels === 0 ? [] : [deep(levels - 1)]);
const D32 = new Uint8Array(32).fill(0xab);
const HEX = 'ab'.repeat(32) as Hash;

/** What each shape takes: the value on the wire and in memory. */
const GOOD: readonly [why: string, shape: Shape<unknown>, wire: CborValue, value: unknown][] = [
  ['zero', any(integer()), 0, 0],
  ['the greatest exact integer', any(integer()), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['the least that is allowed', any(integer(9, 3)), 3, 3],
  ['a value that passes a guard', any(checked(integer(), even, 'an even one')), 4, 4],
  ['a text as long as it may be', any(text(3)), 'abc', 'abc'],
  ['no text', any(text(3)), '', ''],
  ['a word of the set', any(word(['on', 'off'])), 'off', 'off'],
  ['bytes of the length', any(bytes({ length: 2 })), Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ['as many bytes as may be', any(bytes({ max: 2 })), Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ['no bytes', any(bytes({ max: 2 })), new Uint8Array(0), new Uint8Array(0)],
  ['a field that may be missing', any(spare), pair(1, 2), { x: 1, y: 2 }],
  ['a field that is missing', any(spare), new Map([['x', 1]]), { x: 1 }],
  ['a digest', any(hash), D32, HEX],
  ['a key', any(publicKey), D32, HEX],
  ['a log id', any(logId), 0xffff_ffff, 0xffff_ffff],
  ['true', any(flag), true, true],
  ['anything, null too', any(anything), null, null],
  ['null where it may be', any(nullable(integer())), null, null],
  ['a value where null may be', any(nullable(integer())), 7, 7],
  ['an empty list', any(list(integer(), 2)), [], []],
  ['a full list', any(list(integer(), 2)), [1, 2], [1, 2]],
  ['an empty map', any(mapOf(text(3), integer(), 1)), new Map(), new Map()],
  ['a map by log ids', any(mapOf(logId, integer(), 1)), new Map([[7, 1]]), new Map([[7, 1]])],
  ['fields', any(point), pair(1, null), { x: 1, y: null }],
  ['lists of fields', any(list(point, 1)), [pair(1, 2)], [{ x: 1, y: 2 }]],
  ['a list of just these', any(tuple(integer(), hash)), [7, D32], [7, HEX]],
];

/** What they refuse, and where they say that it is wrong. */
const BAD: readonly [why: string, shape: Shape<unknown>, wire: CborValue, detail: string][] = [
  ['an integer that is a text', any(integer()), '1', 'body: expected an integer from 0 to 9007199254740991'],
  ['an integer over the most', any(integer(9)), 10, 'body: expected an integer from 0 to 9'],
  ['an integer under the least', any(integer(9, 3)), 2, 'body: expected an integer from 3 to 9'],
  [
    'a number that is no number',
    any(integer()),
    Number.NaN,
    'body: expected an integer from 0 to 9007199254740991',
  ],
  ['a number with a fraction', any(integer(9)), 1.5, 'body: expected an integer from 0 to 9'],
  [
    'a number that is endless',
    any(integer()),
    Number.POSITIVE_INFINITY,
    'body: expected an integer from 0 to 9007199254740991',
  ],
  ['what a guard refuses', any(checked(integer(), even, 'an even one')), 3, 'body: expected an even one'],
  [
    'what the shape below a guard refuses',
    any(checked(integer(2), even, 'an even one')),
    4,
    'body: expected an integer from 0 to 2',
  ],
  ['a text one longer', any(text(3)), 'abcd', 'body: expected a text of at most 3'],
  ['a text that is bytes', any(text(3)), Uint8Array.of(97), 'body: expected a text of at most 3'],
  ['another word', any(word(['on', 'off'])), 'constructor', 'body: expected on or off'],
  ['a word in a list', any(word(['on'])), ['on'], 'body: expected on'],
  ['a byte too few', any(bytes({ length: 2 })), Uint8Array.of(1), 'body: expected bytes of {"length":2}'],
  ['a byte too many', any(bytes({ max: 2 })), new Uint8Array(3), 'body: expected bytes of {"max":2}'],
  ['bytes that are a list', any(bytes({ max: 2 })), [1, 2], 'body: expected bytes'],
  ['a digest in hex', any(hash), HEX, 'body: expected bytes'],
  ['a digest of 33 bytes', any(hash), new Uint8Array(33), 'body: expected bytes of {"length":32}'],
  ['a key of no bytes', any(publicKey), new Uint8Array(0), 'body: expected bytes of {"length":32}'],
  ['log 0', any(logId), 0, 'body: expected a log id'],
  ['log 2^32', any(logId), 2 ** 32, 'body: expected a log id'],
  ['a log id as text', any(logId), '7', 'body: expected a log id'],
  ['a flag that is 0', any(flag), 0, 'body: expected true or false'],
  ['a null flag', any(flag), null, 'body: expected true or false'],
  ['neither null nor the value', any(nullable(integer(9))), 'x', 'body: expected an integer from 0 to 9'],
  ['null where nothing may be', any(spare), pair(1, null), 'body.y: expected an integer from 0 to 9'],
  ['a list one longer', any(list(integer(), 2)), [1, 2, 3], 'body: expected a list of at most 2'],
  [
    'a list that is a map',
    any(list(integer(), 2)),
    new Map([['length', 0]]),
    'body: expected a list of at most 2',
  ],
  ['a wrong item', any(list(integer(9), 3)), [1, 2, -1], 'body[2]: expected an integer from 0 to 9'],
  ['a list of one more than these', any(tuple(flag)), [true, true], 'body: expected a list of 1'],
  ['a list of one fewer', any(tuple(flag)), [], 'body: expected a list of 1'],
  ['one of these that is wrong', any(tuple(flag, flag)), [true, 1], 'body[1]: expected true or false'],
  ['what is no list', any(tuple(flag)), new Map(), 'body: expected a list of 1'],
  [
    'a map one larger',
    any(mapOf(logId, integer(), 1)),
    new Map([
      [7, 1],
      [8, 1],
    ]),
    'body: expected a map of at most 1',
  ],
  ['a map that is a list', any(mapOf(logId, integer(), 1)), [], 'body: expected a map of at most 1'],
  ['a wrong key', any(mapOf(logId, integer(), 1)), new Map([['7', 1]]), 'body key: expected a log id'],
  [
    'a wrong value',
    any(mapOf(logId, integer(9), 1)),
    new Map([[7, 10]]),
    'body.7: expected an integer from 0 to 9',
  ],
  ['fields that are a list', any(point), [1, 2], 'body: expected a map'],
  ['fields that are null', any(point), null, 'body: expected a map'],
  ['a missing field', any(point), new Map([['x', 1]]), 'body.y: expected an integer from 0 to 9'],
  [
    'a missing field that may be anything',
    any(fields({ z: anything })),
    new Map(),
    'body.z: expected a value',
  ],
  [
    'fields by number',
    any(fields({ 1: integer(9) })),
    new Map([[1, 1]]),
    'body.1: expected an integer from 0 to 9',
  ],
  [
    'a wrong field far down',
    any(list(list(point, 1), 1)),
    [[pair(1, 'x')]],
    'body[0][0].y: expected an integer from 0 to 9',
  ],
  [
    'lists as deep as a record goes, where a number stands',
    any(integer(9)),
    deep(14),
    'body: expected an integer from 0 to 9',
  ],
];

describe('a shape', () => {
  for (const [why, shape, wire, value] of GOOD) {
    it(`takes ${why}, and writes it as it was`, () => {
      assert.deepEqual(decodeShape(shape, wire), { ok: true, value });
      assert.deepEqual(shape.encode(value), wire);
    });
  }

  for (const [why, shape, wire, detail] of BAD) {
    it(`refuses ${why}, and says where`, () => {
      assert.deepEqual(decodeShape(shape, wire), { ok: false, reason: 'body-form', detail });
    });
  }

  it('ignores fields that it does not name: a newer version may have more', () => {
    const more = new Map<string, CborValue>([...(pair(1, 2) as Map<string, CborValue>), ['z', deep(9)]]);
    assert.deepEqual(decodeShape(point, more), { ok: true, value: { x: 1, y: 2 } });
  });

  it('lets no field choose a prototype, whether it is named or not', () => {
    const hostile = new Map<string, CborValue>([
      ...(pair(1, 2) as Map<string, CborValue>),
      ['__proto__', new Map([['isIssuer', true]])],
      ['constructor', new Map([['prototype', new Map([['isIssuer', true]])]])],
    ]);
    const sent = decodeCbor(encodeCbor(hostile));
    assert(sent.ok);
    const read = decodeShape(point, sent.value);
    assert(read.ok);
    assert.equal(Object.getPrototypeOf(read.value), Object.prototype);
    assert.deepEqual(Object.keys(read.value), ['x', 'y']);
    assert.equal('isIssuer' in read.value, false);
    assert.equal('isIssuer' in {}, false);
  });

  it('takes a field from the map alone, never from what every object has', () => {
    const read = decodeShape(fields({ toString: anything }), new Map());
    assert.equal(read.ok, false);
  });

  it('keeps the keys of a map as keys, whatever they are called', () => {
    const shape = mapOf(text(20), integer(), 3);
    const entries = new Map([
      ['__proto__', 1],
      ['constructor', 2],
      ['toString', 3],
    ]);
    const read = decodeShape(shape, entries);
    assert.deepEqual(read, { ok: true, value: entries });
    assert.deepEqual([...entries.keys()], [...(read.ok ? read.value : new Map<string, number>()).keys()]);
  });

  it('passes on what is no refusal: a fault of ours is not taken for bad input', () => {
    const broken: Shape<LogId> = {
      encode: (value) => value,
      decode() {
        throw new TypeError('broken');
      },
    };
    assert.throws(() => decodeShape(broken, 1), TypeError);
  });
});
