import assert from 'node:assert/strict';
import { type LotView, lotsIn, lotsNow } from '../../core/decide/lots.ts';
import type { TimeView } from '../../core/state/clock.ts';
import type { Configuration } from '../../core/state/compile.ts';
import { type Evidence, emptyEvidence, termKey } from '../../core/state/evidence.ts';
import type { Roster } from '../../core/state/roster.ts';
import { emptySeatBook } from '../../core/state/seat-moves.ts';
import type { Version } from '../../core/state/versions.ts';
import { type LogId, type PrincipalId, seconds } from '../../core/units.ts';
import {
  electorate,
  hashNamed,
  keyNamed,
  logNamed,
  memberNamed,
  OFFICE,
  rosterWith,
  versionWith,
} from '../support/rosters.ts';

const ABC = electorate('abc');

/** Seats of the one feature, and what each host has of them. */
interface Seats {
  readonly seats: number;
  readonly lots: Readonly<Record<string, number>>;
}

/** A version: its roster, where it begins to govern, and its seats; null where they are not known. */
interface Chapter {
  readonly seats: Seats | null;
  readonly first?: number;
  readonly roster?: Roster;
  readonly firstTerms?: ReadonlyMap<string, number>;
  readonly content?: null;
}

function chain(chapters: readonly Chapter[]): readonly Version[] {
  return chapters.map(({ content, first, firstTerms, roster }, i) =>
    versionWith(i + 1, roster ?? ABC, {
      firstTerms: firstTerms ?? new Map([['office', first ?? 0]]),
      ...(content === null ? { content } : {}),
    }),
  );
}

function opened(versions: readonly Version[], openers = 'ab'): Evidence {
  const evidence = emptyEvidence();
  const signatories = [...openers].map((name) => ({ log: logNamed(name), key: keyNamed(name) }));
  for (const { id } of versions) {
    for (let term = 0; term < 20; term++) evidence.terms.set(termKey(id, 'office', term), signatories);
  }
  return evidence;
}

function question(chapters: readonly Chapter[], host: string, applied = chapters.length, openers = 'ab') {
  const versions = chain(chapters);
  return {
    ...{
      host: host as PrincipalId,
      log: 1 as LogId,
      seats: emptySeatBook(),
      versions,
      evidence: opened(versions, openers),
    },
    applied: versions[applied - 1] as Version,
    configuration(version: Version) {
      const seats = chapters[version.version - 1]?.seats ?? null;
      if (seats === null) return null;
      const lots = new Map([['draw', new Map(Object.entries(seats.lots))]]);
      const registry = { features: { draw: { seats: seats.seats } } };
      return { registry, lots } as unknown as Pick<Configuration, 'registry' | 'lots'>;
    },
  };
}

function said(view: LotView): string | number {
  return view.ok ? view.lot('draw') : view.reason;
}

function time(lower: number | null, upper: number | null): TimeView {
  const bound = (value: number | null) => (value === null ? null : seconds(value));
  return { lower: bound(lower), upper: bound(upper), offlineAge: seconds(0), conflict: false };
}

const TWO: Chapter = { seats: { seats: 4, lots: { a: 2, b: 2 } } };

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

describe('the lots of a host in term 5', () => {
  const anew = rosterWith([memberNamed('a', ['voter'], ['a1']), memberNamed('b'), memberNamed('c')]);
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
    openers?: string,
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
      [
        {
          seats: all(4, { b: 4 }),
          roster: withLab(),
          firstTerms: new Map([
            ['office', 0],
            ['lab', 0],
          ]),
        },
        {
          seats: all(4, { a: 4 }),
          roster: withLab(),
          firstTerms: new Map([
            ['office', 5],
            ['lab', 1],
          ]),
        },
      ],
      { a: 0 },
    ],
    [
      'do not go by an older version once the other class is governed anew too',
      [
        {
          seats: all(4, { b: 4 }),
          roster: withLab(),
          firstTerms: new Map([
            ['office', 0],
            ['lab', 0],
          ]),
        },
        {
          seats: all(4, { a: 4 }),
          roster: withLab(),
          firstTerms: new Map([
            ['office', 5],
            ['lab', 0],
          ]),
        },
      ],
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

/** A roster with a second class, whose terms are ten times as long. */
function withLab(): Roster {
  const lab = { ...OFFICE, term: seconds(1000) };
  return electorate('abc', 'i', {
    classes: new Map([
      ['office', OFFICE],
      ['lab', lab],
    ]),
  });
}
