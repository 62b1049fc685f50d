import assert from 'node:assert/strict';
import { type Ack, firstTerm } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import { startsOf } from '../../core/state/versions.ts';
import { acksOf, electorate, hashNamed, liars, OFFICE, stolen, versionWith } from '../support/rosters.ts';

const X = hashNamed('x');
const Y = hashNamed('y');
const ABC = electorate('abc', 'ijk');

describe('the first term that a version governs', () => {
  const stated = (terms: Readonly<Record<string, number>>) =>
    Object.entries(terms).flatMap(([voter, office]) => acksOf(voter, 2, X, { office }));
  const cases: readonly [why: string, first: number, acks: readonly Ack[], roster: Roster][] = [
    ['follows the highest that a quorum states', 8, stated({ a: 7, b: 4 }), ABC],
    ['is the lowest that any quorum proves', 6, stated({ a: 7, b: 4, c: 5 }), ABC],
    ['is the same however they are ordered', 6, [...stated({ a: 7, b: 4, c: 5 })].reverse(), ABC],
    ['is 0 where nobody opened any', 0, acksOf('abc', 2, X), ABC],
    ['is bounded by who opened none', 5, [...stated({ a: 4 }), ...acksOf('b', 2, X)], ABC],
    [
      'takes the worse of two statements of one voter',
      10,
      [...stated({ a: 3, b: 2 }), ...acksOf('ab', 2, X, { office: 9 })],
      ABC,
    ],
    [
      'takes the worse one of a voter in whatever order they come',
      10,
      [...acksOf('ab', 2, X, { office: 9 }), ...stated({ a: 3, b: 2 })],
      ABC,
    ],
    [
      'does not hear acks for another candidate',
      8,
      [...stated({ a: 7, b: 4 }), ...acksOf('c', 2, Y, { office: 1 })],
      ABC,
    ],
    ['does not hear VOID', 8, [...stated({ a: 7, b: 4 }), ...acksOf('c', 2, null, { office: 1 })], ABC],
    ['does not hear those who do not vote', 8, [...stated({ a: 7, b: 4 }), ...stated({ i: 0, j: 0 })], ABC],
    ['does not hear a thief of a log', 8, [...stated({ a: 7, b: 4 }), ...stolen('c', 2, X)], ABC],
    ['asks one voter more where one may lie', 8, stated({ a: 1, b: 2, c: 7, d: 9 }), liars('abcd', 1)],
  ];
  for (const [why, first, acks, roster] of cases) {
    it(why, () => {
      assert.equal(firstTerm(X, acks, roster, 'office'), first);
    });
  }

  const parent = versionWith(1, ABC, {
    firstTerms: new Map([
      ['office', 4],
      ['attic', 3],
    ]),
  });
  const roster = electorate('abc', 'i', {
    classes: new Map([
      ['office', OFFICE],
      ['lab', OFFICE],
    ]),
  });

  it('is never before its parent’s, whose voters may have opened what these never stated', () => {
    const starts = startsOf({ id: X, roster }, parent, stated({ a: 1, b: 2 }));
    assert.deepEqual(
      [...starts],
      [
        ['office', 4],
        ['attic', 3],
        ['lab', 0],
      ],
    );
  });

  it('is proven for a class that it dropped too', () => {
    const acks = acksOf('ab', 2, X, { attic: 6 });
    assert.equal(startsOf({ id: X, roster }, parent, acks).get('attic'), 7);
  });
});
