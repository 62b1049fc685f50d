import assert from 'node:assert/strict';
import { appendPortions } from '../../core/wire/append-portions.ts';
import { MAX_UPDATE_BYTES, MAX_UPDATE_RECORDS } from '../../core/wire/bounds.ts';
import { empties } from '../support/spelled-bytes.ts';
import { log } from '../support/yjs-logs.ts';

const A = Uint8Array.of(0xaa);
const B = Uint8Array.of(0xbb, 0xbb);

describe('portions of an append', () => {
  it('hold a record that is too large alone, and none where there is nothing', () => {
    const runs = [{ log: log(7), from: 4, records: [A, new Uint8Array(500), B] }];
    assert.deepEqual(
      appendPortions(runs, 100).map((portion) => portion.map(({ from, records }) => [from, records.length])),
      [[[4, 1]], [[5, 1]], [[6, 1]]],
    );
    assert.deepEqual(appendPortions([{ log: log(7), from: 4, records: [] }], 100), []);
  });

  it('hold no more records than an update may', () => {
    const portions = appendPortions([empties(7, MAX_UPDATE_RECORDS + 1)], MAX_UPDATE_BYTES);
    assert.deepEqual(
      portions.map((portion) => portion.map(({ from, records }) => [from, records.length])),
      [[[0, MAX_UPDATE_RECORDS]], [[MAX_UPDATE_RECORDS, 1]]],
    );
  });
});
