import assert from 'node:assert/strict';
import { seconds } from '../../core/units.ts';
import { MAX_GRANT_FEATURES, MAX_GRANT_NOTE, MAX_GRANT_SEATS } from '../../core/wire/bounds.ts';
import { type Grant, prepareGrant } from '../../core/wire/grant.ts';
import { grantOf, NORTHLIGHT } from '../support/grants.ts';

/** The first instant after the year 9999. */
const LAST = 253_402_300_800;
const features = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`f${i}`, 1]));

function said(change: Partial<Grant>): string {
  const prepared = prepareGrant({ ...grantOf(), ...change }, NORTHLIGHT.key);
  return prepared.ok ? 'yes' : prepared.reason;
}

describe('A grant', () => {
  const cases: readonly [what: string, good: Partial<Grant>, bad: Partial<Grant>][] = [
    [
      'that ends after it begins',
      { from: seconds(9), until: seconds(10) },
      { from: seconds(9), until: seconds(9) },
    ],
    [
      'within the years that are written in four digits',
      { until: seconds(LAST) },
      { until: seconds(LAST + 1) },
    ],
    ['in the place of another', { id: 'b', supersedes: 'a' }, { id: 'a', supersedes: 'a' }],
    [
      'with seats beyond those that it grants',
      { overdraft: new Map([['ray-view', 1]]) },
      { overdraft: new Map([['other', 1]]) },
    ],
    ['of a feature at least', { features: features(1) }, { features: features(0) }],
    [
      'of as many seats as are counted',
      { features: new Map([['f', MAX_GRANT_SEATS]]) },
      { features: new Map([['f', MAX_GRANT_SEATS + 1]]) },
    ],
    ['of a seat at least', { features: new Map([['f', 1]]) }, { features: new Map([['f', 0]]) }],
    [
      'for a realm',
      { realm: 'ab'.repeat(32) as Grant['realm'] },
      { realm: 'ab'.repeat(31) as Grant['realm'] },
    ],
    ['with a note', { note: 'x'.repeat(MAX_GRANT_NOTE) }, { note: 'x'.repeat(MAX_GRANT_NOTE + 1) }],
    ['with an id', { id: 'order-1' }, { id: 'Order 1' }],
  ];
  for (const [what, good, bad] of cases) {
    it(`${what} is of good form, and no further`, () => {
      assert.deepEqual([said(good), said(bad)], ['yes', 'grant-form']);
    });
  }

  it('of more features than any code holds is of no good form', () => {
    assert.equal(said({ features: features(MAX_GRANT_FEATURES + 1) }), 'grant-form');
  });
});
