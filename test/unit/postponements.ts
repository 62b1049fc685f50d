import assert from 'node:assert/strict';
import { postponements } from '../../core/adapters/postponements.ts';

describe('postponements', () => {
  const cases: readonly [
    why: string,
    ends: readonly [code: number | null, lasted: number][],
    count: number,
  ][] = [
    [
      'of a relay that fails each time',
      [
        [4500, 100],
        [4503, 100],
        [4529, 100],
      ],
      3,
    ],
    [
      'end with a connection that lasts',
      [
        [4500, 100],
        [4500, 60_000],
      ],
      0,
    ],
    [
      'begin anew after one that lasted',
      [
        [4500, 100],
        [4500, 60_000],
        [4500, 100],
      ],
      1,
    ],
    [
      'are no connections that broke',
      [
        [4500, 100],
        [1006, 100],
        [null, 100],
      ],
      0,
    ],
    ['are no refusals', [[4404, 100]], 0],
  ];
  for (const [why, ends, count] of cases) {
    it(`${why} are ${count} in a row`, () => {
      const counted = postponements();
      let now = 0;
      let inRow = 0;
      for (const [code, lasted] of ends) {
        counted.connected(now);
        now += lasted;
        inRow = counted.closed(code, now);
      }
      assert.equal(inRow, count);
    });
  }
});
