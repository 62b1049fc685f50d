import assert from 'node:assert/strict';
import { lotsIn, lotsNow } from '../../core/decide/lots.ts';
import type { TimeView } from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { question, said, TWO } from '../support/lots-asked.ts';

function time(lower: number | null, upper: number | null): TimeView {
  const bound = (value: number | null) => (value === null ? null : seconds(value));
  return { lower: bound(lower), upper: bound(upper), offlineAge: seconds(0), conflict: false };
}

describe('the lots of a host now', () => {
  const cases: readonly [why: string, lower: number | null, upper: number | null, said: string | number][] = [
    ['are there in the middle of a term', 540, 560, 2],
    ['begin with the first instant of a term', 500, 501, 2],
    ['are there until the last instant before the end', 598, 599.999, 2],
    ['stop when it could already be the end of the term', 598, 600, 'between-terms'],
    ['stay away while it could still be the old term', 599.999, 602, 'between-terms'],
    ['start again when it is surely past the end', 600, 602, 2],
    ['stay away when nobody knows the term', 550, 10_000, 'between-terms'],
    ['need a lower bound of time', null, 560, 'time-unknown'],
    ['need an upper bound of time', 540, null, 'time-unknown'],
  ];
  for (const [why, lower, upper, expected] of cases) {
    it(why, () => {
      assert.equal(said(lotsNow(question([TWO], 'a'), time(lower, upper))), expected);
    });
  }

  it('are those of the term that holds the present', () => {
    const view = lotsNow(question([TWO], 'a'), time(540, 560));
    assert(view.ok);
    assert.deepEqual(view.term, { index: 5, from: 500, until: 600 });
  });
});

describe('seats of two hosts on any two of three versions', () => {
  const lots: readonly Readonly<Record<string, number>>[] = [
    ...[{ a: 4 }, { a: 2, b: 2 }, { b: 4 }, { a: 1, b: 3 }, {}],
  ];
  it('are together never more than the newest of these has', () => {
    for (const x of lots) {
      for (const y of lots) {
        for (const z of lots) {
          const chapters = [x, y, z].map((each, i) => ({ seats: { seats: 4, lots: each }, first: i * 6 }));
          const now = (host: string, applied: number) => {
            const view = lotsIn(question(chapters, host, applied), 5);
            return view.ok ? view.lot('draw') : 0;
          };
          for (const a of [1, 2, 3]) {
            for (const b of [1, 2, 3]) {
              assert.ok(now('a', a) + now('b', b) <= 4, JSON.stringify([x, y, z, a, b]));
            }
          }
        }
      }
    }
  });
});
