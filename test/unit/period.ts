import assert from 'node:assert/strict';
import { endText, periodEnd, periodStart, startText } from '../../core/state/period.ts';
import { seconds } from '../../core/units.ts';

describe('a period', () => {
  for (const [text, start, end] of [
    ['1970-01-01', 0, 86_400],
    ['2030-12-31', 1_924_905_600, 1_924_992_000],
    ['2028-02-29', 1_835_395_200, 1_835_481_600],
    ['2030-01-31T12:00Z', 1_896_091_200, 1_896_091_200],
    ['2030-01-31T12:00:30Z', 1_896_091_230, 1_896_091_230],
    ['2030-12-31T18:00+09:00', 1_924_938_000, 1_924_938_000],
    ['2030-12-31T18:00:01-03:30', 1_924_983_001, 1_924_983_001],
    ['2030-02-29', null, null],
    ['2100-02-29', null, null],
    ['2000-02-29', 951_782_400, 951_868_800],
    ['2030-13-01', null, null],
    ['2030-00-01', null, null],
    ['2030-01-01T24:00Z', null, null],
    ['2030-01-01T12:00', null, null],
    ['2030-01-01T12:00+15:00', null, null],
    ['2030-01-01T12:00+09:60', null, null],
    ['2030-01-01T12:00 Asia/Tokyo', null, null],
  ] as const) {
    it(`that has ${text} begins at ${start} and ends at ${end}`, () => {
      assert.deepEqual([periodStart(text), periodEnd(text)], [start, end]);
      if (start !== null) assert.equal(start, Date.parse(text) / 1000);
    });
  }
});

describe('a day in a zone', () => {
  it('begins and ends where it does there, and not in UTC', () => {
    assert.equal(periodStart('2030-12-31+09:00'), 1_924_905_600 - 9 * 3600);
    assert.equal(periodEnd('2030-12-31+09:00'), 1_924_992_000 - 9 * 3600);
    assert.equal(periodEnd('2030-12-31-05:00'), 1_924_992_000 + 5 * 3600);
  });
});

describe('the ends of a period in words', () => {
  const cases: readonly [from: string, until: string][] = [
    ['2030-01-01', '2030-12-31'],
    ['2030-01-01T12:00:00Z', '2030-12-31T23:59:59Z'],
  ];
  for (const [from, until] of cases) {
    it(`are ${from} and ${until}, as a registry takes them`, () => {
      assert.equal(startText(periodStart(from) ?? seconds(0)), from);
      assert.equal(endText(periodEnd(until) ?? seconds(0)), until);
    });
  }
});
