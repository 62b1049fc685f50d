import assert from 'node:assert/strict';
import { freeSeats, freeUntil, type Span } from '../../core/decide/capacity.ts';
import { type Seconds, seconds } from '../../core/units.ts';

const span = (from: number, until: number, seats: number): Span => ({
  ...{ from: seconds(from), until: seconds(until), seats },
});
const ends = (...at: readonly number[]): readonly Seconds[] => at.map(seconds);

describe('Free seats', () => {
  const cases: readonly [
    why: string,
    spans: readonly Span[],
    ends: readonly Seconds[],
    free: number,
    until: number | null,
  ][] = [
    ['are those of the lot that no lease uses', [span(0, 100, 3)], ends(100, 50), 1, 100],
    ['are none where all are in use', [span(0, 100, 1)], ends(100), 0, null],
    ['count seats that came for all of the time', [span(0, 100, 1), span(0, 200, 1)], ends(100), 1, 100],
    ['end with the seat that ends first', [span(0, 100, 1), span(0, 60, 1)], ends(100), 0, 60],
    ['are not there before they begin', [span(40, 100, 1)], ends(), 0, null],
    ['may go on when a lease ends as a seat does', [span(0, 100, 1), span(0, 60, 1)], ends(60), 1, 100],
    ['lack what was given beyond a lot that has shrunk', [span(0, 100, -1), span(0, 100, 2)], ends(), 1, 100],
    ['are none where there are no seats', [], ends(), 0, null],
  ];
  for (const [why, spans, open, free, until] of cases) {
    it(why, () => {
      assert.equal(freeSeats(spans, open, seconds(10), seconds(100)), free);
      assert.equal(freeUntil(spans, open, seconds(10), seconds(100)), until);
    });
  }
});
