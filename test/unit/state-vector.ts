import assert from 'node:assert/strict';
import { encodeStateVector, parseStateVector, type StateVectorReason } from '../../core/wire/state-vector.ts';
import { hex } from '../support/spelled-bytes.ts';
import { log } from '../support/yjs-logs.ts';

describe('a state vector', () => {
  it('is refused as out-of-range: a seq over 2^53 by the base', () => {
    const base = new Map([[log(7), Number.MAX_SAFE_INTEGER]]);
    const result = parseStateVector(hex('01 07 01'), 1, base);
    assert.equal(result.ok ? 'accepted' : result.reason, 'out-of-range');
  });

  const heads = new Map([
    [log(300), 2],
    [log(7), 1000],
  ]);
  const bytes = '02 ac02 02 07 e807';

  it('is that of Yjs, without the logs of which nothing is held', () => {
    assert.deepEqual(encodeStateVector(new Map([...heads, [log(9), 0]])), hex(bytes));
    assert.deepEqual(parseStateVector(hex(bytes), 2), { ok: true, value: heads });
  });

  it('counts from the base of the epoch', () => {
    const base = new Map([[log(7), 990]]);
    assert.deepEqual(encodeStateVector(heads, base), hex('02 ac02 02 07 0a'));
    assert.deepEqual(parseStateVector(hex('02 ac02 02 07 0a'), 2, base), { ok: true, value: heads });
  });

  it('is read in any order', () => {
    const result = parseStateVector(hex('02 07 e807 ac02 02'), 2);
    assert(result.ok);
    assert.deepEqual([...result.value].reverse(), [...heads]);
  });

  const bad: readonly (readonly [reason: StateVectorReason, why: string, bytes: string])[] = [
    ['truncated', 'no byte', ''],
    ['truncated', 'fewer logs than announced', '02 07 01'],
    ['not-minimal', 'a padded clock', '01 07 8100'],
    ['out-of-range', 'a clock over 2^53', '01 07 ffffffffffffff7f'],
    ['too-many-logs', 'a million clients', '80897a 07 01'],
    ['log-id', 'log 0', '01 00 01'],
    ['duplicate-log', 'one log twice', '02 07 01 07 02'],
    ['trailing-bytes', 'one byte too many', '01 07 01 00'],
  ];
  for (const [reason, why, text] of bad) {
    it(`is refused as ${reason}: ${why}`, () => {
      const result = parseStateVector(hex(text), 3);
      assert.equal(result.ok ? 'accepted' : result.reason, reason);
    });
  }
});
