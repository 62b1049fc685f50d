import assert from 'node:assert/strict';
import {
  add,
  addFork,
  emptyLedger,
  keyOf,
  missing,
  nextSeqs,
  recordAt,
  tipOf,
} from '../../core/ledger/ledger.ts';
import type { LogId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { hashNamed, keyAt } from '../support/versions.ts';

const REALM = hashNamed('realm');
const A = 5 as LogId;
const B = 6 as LogId;

function record(log: LogId, seq: number, name = '', key = keyAt(log)): VerifiedRecord {
  const hash = hashNamed(`${log} ${seq} ${name}`);
  const bytes = Uint8Array.of(log, seq);
  return { type: 'inert', named: 'x', realm: REALM, log, seq, hash, key, bytes } as unknown as VerifiedRecord;
}

describe('A ledger', () => {
  it('grows at the ends of its logs, and answers anything else', () => {
    const ledger = emptyLedger(REALM);
    const offers: readonly [why: string, record: VerifiedRecord, outcome: string][] = [
      ['a log may not begin in the middle', record(A, 1), 'gap'],
      ['it begins with its first record', record(A, 0), 'added'],
      ['the same again is nothing new', record(A, 0), 'known'],
      ['another in its place is a fork', record(A, 0, 'other'), 'fork'],
      ['a gap stays one', record(A, 2), 'gap'],
      ['the next is added', record(A, 1), 'added'],
      ['logs are apart', record(B, 0), 'added'],
    ];
    for (const [why, offered, outcome] of offers) assert.equal(add(ledger, offered), outcome, why);
    assert.equal(ledger.size, 3);
    assert.deepEqual(
      [...nextSeqs(ledger)],
      [
        [A, 2],
        [B, 1],
      ],
    );
    assert.equal(tipOf(ledger, A)?.seq, 1);
    assert.equal(recordAt(ledger, A, 0)?.hash, hashNamed('5 0 '));
    assert.deepEqual([keyOf(ledger, B), keyOf(ledger, 9 as LogId)], [keyAt(B), undefined]);
  });

  it('gives what somebody lacks, from where they are, and nothing to who is ahead', () => {
    const ledger = emptyLedger(REALM);
    for (const each of [record(A, 0), record(A, 1), record(A, 2), record(B, 0)]) add(ledger, each);
    const lacks = (have: readonly (readonly [LogId, number])[]) =>
      missing(ledger, new Map(have)).map(({ from, log, records }) => [log, from, records.length]);
    assert.deepEqual(lacks([]), [
      [A, 0, 3],
      [B, 0, 1],
    ]);
    assert.deepEqual(
      lacks([
        [A, 1],
        [B, 1],
      ]),
      [[A, 1, 2]],
    );
    assert.deepEqual(
      lacks([
        [A, 9],
        [B, 1],
      ]),
      [],
    );
  });

  it('keeps the earliest fork of a log, and takes nothing else for one', () => {
    const ledger = emptyLedger(REALM);
    const pairs: readonly [why: string, a: VerifiedRecord, b: VerifiedRecord, changes: boolean][] = [
      ['two logs are no fork', record(A, 3), record(B, 3), false],
      ['two places are no fork', record(A, 3), record(A, 4), false],
      ['one record twice is no fork', record(A, 3), record(A, 3), false],
      ['two keys are two people', record(A, 3), record(A, 3, 'x', keyAt(9)), false],
      ['two records by one key for one place are', record(A, 3), record(A, 3, 'x'), true],
      ['a later one says nothing more', record(A, 4), record(A, 4, 'x'), false],
      ['an earlier one does', record(A, 1), record(A, 1, 'x'), true],
    ];
    for (const [why, a, b, changes] of pairs) assert.equal(addFork(ledger, a, b), changes, why);
    assert.deepEqual(
      [...ledger.forks].map(([log, { seq }]) => [log, seq]),
      [[A, 1]],
    );
  });
});
