import assert from 'node:assert/strict';
import { lotsIn } from '../../core/decide/lots.ts';
import type { Version } from '../../core/state/versions.ts';
import { seconds } from '../../core/units.ts';
import { type Chapter, opened, question, type Seats, said, TWO } from '../support/lots-asked.ts';
import { electorate, hashNamed, memberNamed, OFFICE, rosterWith } from '../support/rosters.ts';

describe('the lots of a host in term 5', () => {
  const anew = rosterWith([memberNamed('a', ['voter'], ['a1']), memberNamed('b'), memberNamed('c')]);
  const twice = rosterWith([memberNamed('a', ['voter'], ['a', 'a1']), memberNamed('b'), memberNamed('c')]);
  const unclassed = electorate('abc', 'i', { classes: new Map() });
  const longer = electorate('abc', 'i', {
    classes: new Map([['office', { ...OFFICE, term: seconds(1000) }]]),
  });
  const all = (seats: number, lots: Readonly<Record<string, number>>): Seats => ({ seats, lots });

  const cases: readonly [
    why: string,
    chapters: readonly Chapter[],
    lots: Readonly<Record<string, string | number>>,
    applied?: number,
    openers?: Iterable<string>,
  ][] = [
    ['are what the version gives', [TWO], { a: 2, b: 2, c: 0 }],
    ['are none for a host that the roster does not name', [TWO], { z: 'unknown-class' }],
    [
      'are none where the roster has dropped the class',
      [{ ...TWO, roster: unclassed }],
      { a: 'unknown-class' },
    ],
    ['are none for a person, who has no class', [TWO], { nobody: 'unknown-class' }],
    ['are none before the first term that is governed', [{ ...TWO, first: 6 }], { a: 'no-term' }],
    ['are none while no quorum has opened the term', [TWO], { a: 'no-term' }, 1, 'a'],
    ['are none where one voter opened twice', [TWO], { a: 'no-term' }, 1, 'aa'],
    ['are none where strangers opened', [TWO], { a: 'no-term' }, 1, 'axyz'],
    ['are none where an issuer who does not vote opened', [TWO], { a: 'no-term' }, 1, 'ai'],
    [
      'are none where the second device of a voter opened, as two devices would be two votes',
      [{ ...TWO, roster: twice }],
      { b: 'no-term' },
      1,
      ['a1', 'b'],
    ],
    [
      'are there where the device of a voter opened that casts its votes',
      [{ ...TWO, roster: twice }],
      { b: 2 },
      1,
      ['a', 'b'],
    ],
    [
      'are none for a host that has not applied the version that governs',
      [TWO, { ...TWO, first: 5 }],
      { a: 'version-behind' },
      1,
    ],
    [
      'go on for a host that has not applied a version that governs from the next term',
      [TWO, { ...TWO, first: 6 }],
      { a: 2 },
      1,
    ],
    [
      'go on under a recovery, which brings no registry to apply',
      [TWO, TWO, { seats: null, content: null }],
      { a: 2 },
      2,
    ],
    [
      'grow at once where there are new seats for all of it',
      [TWO, { seats: all(6, { a: 3, b: 3 }), first: 6 }],
      { a: 3, b: 3 },
    ],
    [
      'grow at once where there are new seats in overdraft for all of it',
      [TWO, { seats: { seats: 4, overdraft: 2, lots: { a: 3, b: 3 } }, first: 6 }],
      { a: 3, b: 3 },
    ],
    [
      'come at once to a new host that takes from nobody',
      [TWO, { seats: all(5, { a: 2, b: 2, c: 1 }), first: 6 }],
      { a: 2, b: 2, c: 1 },
    ],
    [
      'that move to another host are nobody’s until the next term, as both may be on either version',
      [{ seats: all(4, { a: 4 }) }, { seats: all(4, { a: 2, b: 2 }), first: 6 }],
      { a: 2, b: 0 },
    ],
    [
      'that moved are there in the term that the newer version governs',
      [{ seats: all(4, { a: 4 }) }, { seats: all(4, { a: 2, b: 2 }), first: 5 }],
      { a: 2, b: 2 },
    ],
    [
      'shrink at once',
      [{ seats: all(4, { a: 2, b: 2 }) }, { seats: all(2, { a: 1, b: 1 }), first: 6 }],
      { a: 1, b: 1 },
    ],
    [
      'are the least of all versions in force, the middle one included',
      [
        { seats: all(4, { a: 4 }) },
        { seats: all(4, { b: 4 }), first: 6 },
        { seats: all(4, { a: 4 }), first: 6 },
      ],
      { a: 0, b: 0 },
    ],
    [
      'do not depend on a version that gives nobody a seat, such as a genesis',
      [
        { seats: all(0, {}) },
        { seats: all(4, { a: 2, b: 2 }), first: 6 },
        { seats: all(4, { a: 1, b: 1, c: 2 }), first: 6 },
      ],
      { a: 1, b: 1, c: 0 },
    ],
    [
      'do not depend on a version that nothing is governed by any more',
      [
        { seats: all(4, { b: 4 }) },
        { seats: all(4, { a: 4 }), first: 4 },
        { seats: all(4, { a: 4 }), first: 6 },
      ],
      { a: 4, b: 0 },
    ],
    [
      'are none while the seats of a version in force are not known',
      [{ seats: null }, { ...TWO, first: 6 }],
      { a: 0, b: 0 },
    ],
    [
      'are none for a host that begins anew under its old id, whose old disk may still lend',
      [{ seats: all(3, { a: 3 }) }, { seats: all(3, { a: 3 }), first: 6, roster: anew }],
      { a: 0 },
    ],
    [
      'come to a host that began anew in the term from which only its new log is named',
      [{ seats: all(3, { a: 3 }) }, { seats: all(3, { a: 3 }), first: 5, roster: anew }],
      { a: 3 },
      2,
      'bc',
    ],
    [
      'go by an older version as long as it governs another class',
      [labFrom(all(4, { b: 4 }), 0, 0), labFrom(all(4, { a: 4 }), 5, 1)],
      { a: 0 },
    ],
    [
      'do not go by an older version once the other class is governed anew too',
      [labFrom(all(4, { b: 4 }), 0, 0), labFrom(all(4, { a: 4 }), 5, 0)],
      { a: 4 },
    ],
    [
      'go by an older version whose class came back with terms of another length',
      [
        { seats: all(4, { b: 4 }), roster: longer },
        { seats: all(4, { a: 4 }), first: 5 },
      ],
      { a: 0 },
    ],
    [
      'go by an older version whose class came back with terms so long that their numbers are smaller',
      [{ seats: all(4, { b: 4 }) }, { seats: all(4, { a: 4 }), first: 5, roster: longer }],
      { a: 0 },
    ],
    [
      'do not go by an older version for a class whose first term is still to come',
      [{ seats: all(4, { b: 4 }) }, labFrom(all(4, { b: 4 }), 4, 9), labFrom(all(4, { a: 4 }), 5, 9)],
      { a: 4 },
    ],
  ];
  for (const [why, chapters, lots, applied, openers] of cases) {
    it(why, () => {
      for (const [host, expected] of Object.entries(lots)) {
        assert.equal(said(lotsIn(question(chapters, host, applied, openers), 5)), expected, host);
      }
    });
  }

  it('are none of a feature that the version does not have', () => {
    const view = lotsIn(question([TWO], 'a'), 5);
    assert.equal(view.ok && view.lot('constructor'), 0);
  });

  it('are no proof of a term that was opened for another version of the same number', () => {
    const asked = question([TWO], 'a');
    const other = { ...(asked.versions[0] as Version), id: hashNamed('another') };
    assert.equal(said(lotsIn({ ...asked, evidence: opened([other]) }, 5)), 'no-term');
  });
});

/** Seats of a version with a second class, whose terms are ten times as long, and from which term of either it governs. */
function labFrom(seats: Seats, office: number, lab: number): Chapter {
  const classes = new Map([
    ['office', OFFICE],
    ['lab', { ...OFFICE, term: seconds(1000) }],
  ]);
  const firstTerms = new Map([
    ['office', office],
    ['lab', lab],
  ]);
  return { seats, roster: electorate('abc', 'i', { classes }), firstTerms };
}
