import assert from 'node:assert/strict';
import { parseDuration, shortDuration, signedDuration } from '../../core/cli/duration.ts';
import { showExactly, showMoment } from '../../core/cli/moment.ts';

const NOW = 1_900_000_000;

describe('durations on the command line', () => {
  const read: readonly [text: string, seconds: number][] = [
    ['30s', 30],
    ['15m', 900],
    ['2h', 7200],
    ['7d', 604_800],
    ['1w', 604_800],
    ['1h30m', 5400],
    ['250ms', 0.25],
    ['1.5h', 5400],
    ['0s', 0],
  ];
  for (const [text, expected] of read) {
    it(`reads ${text} as ${expected} seconds`, () => {
      const span = parseDuration(text);
      assert.deepEqual(span, { ok: true, value: expected });
    });
  }

  for (const text of ['', '30', '-5m', '5 m', 'm', '5y', '1e3s', '5m!', '4000d', '0x5m']) {
    it(`refuses ${JSON.stringify(text)}, whose meaning would be a guess`, () => {
      const span = parseDuration(text);
      assert.equal(!span.ok && span.reason, 'bad-duration');
    });
  }

  const shown: readonly [seconds: number, text: string][] = [
    [0, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [3599, '59m'],
    [7200, '2h'],
    [86_400, '24h'],
    [172_800, '2d'],
    [-5, '0s'],
  ];
  for (const [span, expected] of shown) {
    it(`shows ${span} seconds as ${expected}`, () => assert.equal(shortDuration(span), expected));
  }

  it('shows the sign of a difference between clocks', () => {
    assert.equal(signedDuration(0.3), '+0.3 s');
    assert.equal(signedDuration(-0.3), '-0.3 s');
    assert.equal(signedDuration(-120), '-2m');
  });
});

describe('dates on the command line', () => {
  const cases: readonly [why: string, instant: number | null, zone: string, text: string][] = [
    ['only the time on the same day', NOW + 60, 'UTC', '17:47 UTC'],
    ['the day as well on another', NOW + 86_400, 'UTC', '2030-03-18 17:46 UTC'],
    ['the zone in which it is shown', NOW, 'Asia/Tokyo', '02:46 GMT+9'],
    ['the day by the zone, not by UTC', NOW + 7 * 3600, 'Asia/Tokyo', '09:46 GMT+9'],
    ['a dash for no instant', null, 'UTC', '-'],
    ['a dash for what never ends', Number.POSITIVE_INFINITY, 'UTC', '-'],
  ];
  for (const [why, instant, timeZone, expected] of cases) {
    it(`shows ${why}`, () => assert.equal(showMoment(instant, { timeZone, now: NOW }), expected));
  }

  it('shows seconds where they matter', () => {
    assert.equal(showExactly(NOW, 'UTC'), '2030-03-17 17:46:40 UTC');
  });
});
