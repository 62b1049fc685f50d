import assert from 'node:assert/strict';
import { coverageByHour, gapsOf, knownIn } from '../../core/state/reports/coverage.ts';
import { usageFigures } from '../../core/state/reports/figures.ts';
import { heatMapOf, weekdayOf } from '../../core/state/reports/heat-map.ts';
import { type PrincipalId, type Seconds, seconds } from '../../core/units.ts';
import { DAY, HOUR, hoursOf, session, usageLog } from '../support/usage.ts';

/** Monday 2030-03-11, 00:00 UTC. */
const MONDAY = 1_899_417_600;
const span = (from: number, until: number) => ({ from: seconds(from), until: seconds(until) });
const members = (...ids: string[]) => new Set(ids as PrincipalId[]);

describe('what records cover', () => {
  const day = span(MONDAY, MONDAY + 6 * HOUR);
  const of = (given: readonly (readonly [host: string, from: number, until: number])[], ...ids: string[]) => {
    const covered = new Map(
      given.map(([host, from, until]) => hoursOf(host, MONDAY + from * HOUR, MONDAY + until * HOUR)),
    );
    return coverageByHour(covered, members(...ids), day);
  };

  it('is counted by the hour, from the first record of each host on', () => {
    const coverage = of(
      [
        ['a', 0, 6],
        ['b', 2, 4],
      ],
      'a',
      'b',
    );
    assert.deepEqual([...coverage.reported], [1, 1, 2, 2, 1, 1]);
    assert.deepEqual([...coverage.expected], [1, 1, 2, 2, 2, 2]);
    assert.deepEqual(coverage.hours, { reported: 8, expected: 10 });
  });

  it('ends for a host that is no member any more with its last record', () => {
    assert.deepEqual(
      [
        ...of(
          [
            ['a', 0, 6],
            ['b', 2, 4],
          ],
          'a',
        ).expected,
      ],
      [1, 1, 2, 2, 1, 1],
    );
  });

  it('names members without any record, and expects nothing of them', () => {
    const coverage = of([['a', 0, 6]], 'a', 'c');
    assert.deepEqual(coverage.silent, ['c']);
    assert.deepEqual(coverage.hours, { reported: 6, expected: 6 });
  });

  it('is unknown where no host has a record, and partial where some have not', () => {
    const coverage = of(
      [
        ['a', 0, 2],
        ['b', 1, 2],
        ['a2', 4, 5],
      ],
      'a',
      'b',
      'a2',
    );
    const hour = (i: number) => knownIn(coverage, span(MONDAY + i * HOUR, MONDAY + (i + 1) * HOUR));
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(hour), ['all', 'all', 'none', 'none', 'some', 'none']);
    assert.equal(knownIn(coverage, day), 'some');
    assert.deepEqual(gapsOf(coverage), [
      span(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR),
      span(MONDAY + 5 * HOUR, MONDAY + 6 * HOUR),
    ]);
  });

  it('expects no record of an hour that the span cuts, since it may not be over', () => {
    const covered = new Map([hoursOf('a', MONDAY, MONDAY + 2 * HOUR)]);
    const cut = span(MONDAY, MONDAY + 2.5 * HOUR);
    assert.deepEqual(coverageByHour(covered, members('a'), cut).hours, { reported: 2, expected: 2 });
  });
});

describe('the hours of the week', () => {
  const days: readonly [day: string, weekday: number][] = [
    ['1970-01-01', 3],
    ['2030-03-11', 0],
    ['2030-03-17', 6],
    ['2028-02-29', 1],
  ];
  for (const [day, weekday] of days) {
    it(`begin on Monday: ${day} is day ${weekday}`, () => {
      assert.equal(weekdayOf(Date.parse(`${day}T23:59:59Z`) / 1000), weekday);
    });
  }

  it('lay weeks on top of each other and leave out what is unknown', () => {
    const two = span(MONDAY, MONDAY + 14 * DAY);
    const log = usageLog({
      sessions: [
        session('f', 'u', 'a', MONDAY + 9 * HOUR, MONDAY + 10 * HOUR),
        session('f', 'v', 'a', MONDAY + 9 * HOUR, MONDAY + 9.5 * HOUR),
      ],
      covered: new Map([
        [
          'a' as PrincipalId,
          [
            ...hoursOf('a', MONDAY, MONDAY + DAY)[1],
            ...hoursOf('a', MONDAY + 7 * DAY, MONDAY + 7 * DAY + 12 * HOUR)[1],
          ],
        ],
      ]),
    });
    const { coverage, features } = usageFigures({
      log,
      span: two,
      capacities: new Map(),
      members: members('a'),
    });
    const [one] = features;
    assert.ok(one);
    const map = heatMapOf(one.hours, coverage);
    assert.deepEqual(map[0]?.[9], { peak: 2, mean: 0.75, hours: 2 });
    assert.deepEqual(map[0]?.[8], { peak: 0, mean: 0, hours: 2 });
    assert.deepEqual(map[0]?.[13], { peak: 0, mean: 0, hours: 1 });
    assert.equal(map[1]?.[9], null);
    assert.equal(one.mean, 1.5 / 36);
  });

  /** The hours of the week in which one host used one seat from `from` to `until`, with a record of the hours that are `known`. */
  function used(from: number, until: number, known: readonly number[], of = span(MONDAY, MONDAY + 7 * DAY)) {
    const hours = known.map((at) => (MONDAY + at * HOUR) as Seconds);
    const log = usageLog({
      sessions: [session('f', 'u', 'a', from, until)],
      covered: new Map([['a' as PrincipalId, hours]]),
    });
    const { coverage, features } = usageFigures({
      log,
      span: of,
      capacities: new Map(),
      members: members('a'),
    });
    const [one] = features;
    assert.ok(one);
    return heatMapOf(one.hours, coverage).flatMap((day, weekday) =>
      day.flatMap((cell, hour) => (cell === null ? [] : [{ weekday, hour, ...cell }])),
    );
  }

  it('belong to their own day through the last of it', () => {
    const last = MONDAY + 7 * DAY - HOUR;
    assert.deepEqual(used(last, last + HOUR, [167]), [{ weekday: 6, hour: 23, peak: 1, mean: 1, hours: 1 }]);
  });

  it('show what was in use though there is no record of the hour yet', () => {
    assert.deepEqual(used(MONDAY + HOUR, MONDAY + 2 * HOUR, [5]), [
      { weekday: 0, hour: 1, peak: 1, mean: 1, hours: 1 },
      { weekday: 0, hour: 5, peak: 0, mean: 0, hours: 1 },
    ]);
  });

  it('have the mean of the part of them that the span has, be it the second half', () => {
    const cut = span(MONDAY + 9 * HOUR + 2400, MONDAY + 10 * HOUR);
    assert.deepEqual(used(MONDAY, MONDAY + 9 * HOUR + 3000, [9], cut), [
      { weekday: 0, hour: 9, peak: 1, mean: 0.5, hours: 1 },
    ]);
  });
});
