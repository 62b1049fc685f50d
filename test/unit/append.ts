import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { type AppendReason, encodeAppend, parseAppend, type Run } from '../../core/wire/append.ts';
import { MAX_LOGS, MAX_RECORD_BYTES, MAX_UPDATE_BYTES, MAX_UPDATE_RECORDS } from '../../core/wire/bounds.ts';
import { putVaruint } from '../../core/wire/varint.ts';
import { empties, hex } from '../support/spelled-bytes.ts';
import { log } from '../support/yjs-logs.ts';

const A = Uint8Array.of(0xaa);
const B = Uint8Array.of(0xbb, 0xbb);

function varuint(value: number): string {
  const out = new Uint8Array(9);
  return Buffer.from(out.subarray(0, putVaruint(out, 0, value))).toString('hex');
}

/** What a plain Yjs document writes after some edits by client 7. */
function plain(...edits: readonly ((doc: Y.Doc) => void)[]): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 7;
  for (const edit of edits) edit(doc);
  return Y.encodeStateAsUpdate(doc);
}

const list = (doc: Y.Doc) => doc.getArray<unknown>('7');

describe('an append-profile update', () => {
  const good: readonly (readonly [why: string, runs: readonly Run[], bytes: string])[] = [
    ['nothing', [], '00 00'],
    [
      'the first record of a log',
      [{ log: log(7), from: 0, records: [A] }],
      '01 01 07 00 08 01 01 37 01 75 01 74 01 aa 00',
    ],
    [
      'later records name the one before',
      [{ log: log(7), from: 5, records: [A, B] }],
      '01 01 07 05 88 07 04 02 75 01 74 01 aa 75 01 74 02 bb bb 00',
    ],
    [
      'two logs stand in descending order',
      [
        { log: log(300), from: 0, records: [A] },
        { log: log(7), from: 1, records: [B] },
      ],
      '02 01 ac02 00 08 01 03 333030 01 75 01 74 01 aa 01 07 01 88 07 00 01 75 01 74 02 bb bb 00',
    ],
  ];
  for (const [why, runs, bytes] of good) {
    it(`is a pure function of the records: ${why}`, () => {
      assert.deepEqual(encodeAppend([...runs].reverse()), hex(bytes));
      assert.deepEqual(parseAppend(hex(bytes)), { ok: true, value: runs });
    });
  }

  it('leaves out a run without records', () => {
    assert.deepEqual(encodeAppend([{ log: log(7), from: 3, records: [] }]), hex('00 00'));
  });

  it('counts clocks from the base of the epoch', () => {
    const base = new Map([[log(7), 40]]);
    const runs = [{ log: log(7), from: 40, records: [A] }];
    const bytes = hex('01 01 07 00 08 01 01 37 01 75 01 74 01 aa 00');
    assert.deepEqual(encodeAppend(runs, base), bytes);
    assert.deepEqual(parseAppend(bytes, base), { ok: true, value: runs });
  });

  const bugs: readonly (readonly [why: string, runs: readonly Run[]])[] = [
    [
      'two runs of one log',
      [
        { log: log(7), from: 0, records: [A] },
        { log: log(7), from: 1, records: [B] },
      ],
    ],
    ['a run below the base', [{ log: log(9), from: 3, records: [A] }]],
    ['a record over the bound', [{ log: log(7), from: 0, records: [new Uint8Array(MAX_RECORD_BYTES + 1)] }]],
  ];
  for (const [why, runs] of bugs) {
    it(`is never written for ${why}`, () => {
      assert.throws(() => encodeAppend(runs, new Map([[log(9), 4]])), RangeError);
    });
  }

  const BIG = varuint(MAX_RECORD_BYTES + 1);
  const bad: readonly (readonly [reason: AppendReason, why: string, bytes: () => Uint8Array])[] = [
    ['too-large', 'more than one update may hold', () => new Uint8Array(MAX_UPDATE_BYTES + 1)],
    ['truncated', 'no byte', () => hex('')],
    ['truncated', 'an update without its delete set', () => hex('01 01 07 00 08 01 01 37 01 75 01 74 01 aa')],
    ['truncated', 'a record cut short', () => hex('01 01 07 00 08 01 01 37 01 75 01 74 02 aa')],
    ['truncated', 'an origin cut short', () => hex('01 01 07 05 88 07')],
    [
      'truncated',
      'more records announced than can follow',
      () => hex('01 01 07 00 08 01 01 37 808001 75 01 74 01 aa'),
    ],
    ['not-minimal', 'a padded client', () => hex('01 01 8700 00 08 01 01 37 01 75 01 74 01 aa 00')],
    ['not-minimal', 'a padded delete set', () => hex('01 01 07 00 08 01 01 37 01 75 01 74 01 aa 8000')],
    ['out-of-range', 'a clock over 2^53', () => hex('01 01 07 ffffffffffffff7f 88')],
    ['out-of-range', 'a clock of nine bytes', () => hex('01 01 07 ffffffffffffffff01 88')],
    [
      'out-of-range',
      'a run that ends over 2^53',
      () => hex(`01 01 07 ${varuint(2 ** 53 - 1)} 88 07 ${varuint(2 ** 53 - 2)} 01 75 01 74 01 aa 00`),
    ],
    ['too-many-logs', 'one log too many', () => hex(varuint(MAX_LOGS + 1))],
    [
      'too-many-records',
      'one record too many',
      () => hex(`01 01 07 00 08 01 01 37 ${varuint(MAX_UPDATE_RECORDS + 1)}`),
    ],
    ['record-too-large', 'one byte too many', () => hex(`01 01 07 00 08 01 01 37 01 75 01 74 ${BIG} aa 00`)],
    ['log-id', 'log 0', () => hex('01 01 00 00 08 01 01 30 01 75 01 74 01 aa 00')],
    ['log-id', 'log 2^32', () => hex(`01 01 ${varuint(2 ** 32)} 00 08`)],
    [
      'not-canonical-order',
      'ascending logs',
      () => hex('02 01 07 01 88 07 00 01 75 01 74 01 aa 01 08 01 88 08 00 01 75 01 74 01 aa 00'),
    ],
    [
      'not-canonical-order',
      'one log twice, of which Yjs would forget the first',
      () => hex('02 01 07 01 88 07 00 01 75 01 74 01 aa 01 07 02 88 07 01 01 75 01 74 01 aa 00'),
    ],
    ['struct-count', 'a log without a struct', () => hex('01 00 07 00 00')],
    [
      'struct-count',
      'two structs, as Y.mergeUpdates leaves them',
      () =>
        Y.mergeUpdates([
          encodeAppend([{ log: log(7), from: 0, records: [A] }]),
          encodeAppend([{ log: log(7), from: 1, records: [B] }]),
        ]),
    ],
    ['empty-run', 'a struct of length 0', () => hex('01 01 07 00 08 01 01 37 00 00')],
    ['gc-struct', 'a GC struct that silences an author', () => hex('01 01 07 00 00 05 00')],
    ['skip-struct', 'a gap written by Yjs', () => hex('01 01 07 00 0a 05 00')],
    ['delete-set', 'an update that only deletes', () => hex('00 01 07 01 00 64')],
    [
      'delete-set',
      'a record and its deletion',
      () => hex('01 01 07 00 08 01 01 37 01 75 01 74 01 aa 01 07 01 00 01'),
    ],
    [
      'foreign-content',
      'deleted content',
      () =>
        plain(
          (doc) => list(doc).push([[A]]),
          (doc) => list(doc).delete(0, 1),
        ),
    ],
    ['foreign-content', 'a binary element', () => plain((doc) => list(doc).push([A]))],
    ['foreign-content', 'a text', () => plain((doc) => doc.getText('7').insert(0, 'x'))],
    ['foreign-content', 'an embed', () => plain((doc) => doc.getText('7').insertEmbed(0, { x: 1 }))],
    ['foreign-content', 'a format', () => hex('01 01 07 00 06 01 01 37 01 62 04 74727565 00')],
    ['foreign-content', 'a number', () => plain((doc) => list(doc).push([1]))],
    [
      'foreign-content',
      'an object, whose keys could choose a prototype',
      () => plain((doc) => list(doc).push([{ a: A }])),
    ],
    ['foreign-content', 'an array of two', () => plain((doc) => list(doc).push([[A, B]]))],
    ['foreign-content', 'an array of none', () => plain((doc) => list(doc).push([[]]))],
    ['foreign-content', 'an array of a text', () => plain((doc) => list(doc).push([['x']]))],
    ['foreign-content', 'an array of an array', () => plain((doc) => list(doc).push([[[A]]]))],
    ['nested', 'a type inside', () => plain((doc) => list(doc).push([new Y.Array()]))],
    ['nested', 'a document inside', () => plain((doc) => list(doc).push([new Y.Doc()]))],
    ['nested', 'a parent that is an item', () => hex('01 01 07 00 08 00 07 00 01 75 01 74 01 aa 00')],
    [
      'right-origin',
      'a record put before another',
      () => hex('01 01 07 01 c8 07 00 08 00 01 75 01 74 01 aa 00'),
    ],
    ['right-origin', 'a record put at the beginning', () => hex('01 01 07 01 48 08 00 01 75 01 74 01 aa 00')],
    ['map-key', 'an entry of a map', () => plain((doc) => doc.getMap('7').set('k', [A]))],
    [
      'wrong-origin',
      'a later record without origin',
      () => hex('01 01 07 01 08 01 01 37 01 75 01 74 01 aa 00'),
    ],
    ['wrong-origin', 'a first record with one', () => hex('01 01 07 00 88 07 00 01 75 01 74 01 aa 00')],
    ['wrong-origin', 'an origin two back', () => hex('01 01 07 05 88 07 03 01 75 01 74 01 aa 00')],
    ['wrong-origin', "another log's origin", () => hex('01 01 07 05 88 08 04 01 75 01 74 01 aa 00')],
    ['wrong-parent', "another log's name", () => hex('01 01 07 00 08 01 01 38 01 75 01 74 01 aa 00')],
    [
      'wrong-parent',
      'only the beginning of the name',
      () => hex('01 01 46 00 08 01 01 37 01 75 01 74 01 aa 00'),
    ],
    [
      'too-many-records',
      'too many in two logs together',
      () => encodeAppend([empties(7, 600_000), empties(8, 600_000)]),
    ],
    [
      'wrong-parent',
      'a name with more behind it',
      () => hex('01 01 07 00 08 01 02 3730 01 75 01 74 01 aa 00'),
    ],
    [
      'wrong-parent',
      'a name with a zero before it',
      () => hex('01 01 07 00 08 01 02 3037 01 75 01 74 01 aa 00'),
    ],
    [
      'unknown-form',
      'content of a kind that Yjs does not have',
      () => hex('01 01 07 00 0b 01 01 37 01 75 01 74 01 aa 00'),
    ],
    [
      'unknown-form',
      'parent information 2, which Yjs reads as 0',
      () => hex('01 01 07 00 08 02 07 00 01 75 01 74 01 aa 00'),
    ],
    ['trailing-bytes', 'one byte too many', () => hex('00 00 00')],
  ];
  for (const [reason, why, bytes] of bad) {
    it(`is refused as ${reason}: ${why}`, () => {
      const result = parseAppend(bytes());
      assert.equal(result.ok ? 'accepted' : result.reason, reason);
    });
  }

  it('holds records of the largest size', () => {
    const runs = [{ log: log(7), from: 0, records: [new Uint8Array(MAX_RECORD_BYTES).fill(1)] }];
    assert.deepEqual(parseAppend(encodeAppend(runs)), { ok: true, value: runs });
  });
});
