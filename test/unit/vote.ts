import assert from 'node:assert/strict';
import { governing, mayAck, mayOpenTerm, mayVoid, type Slots } from '../../core/decide/vote.ts';
import type { Ack } from '../../core/state/quorum.ts';
import type { Proposal, Version } from '../../core/state/versions.ts';
import type { Hash, PrincipalId } from '../../core/units.ts';
import {
  acksOf,
  electorate,
  hashNamed,
  keyNamed,
  logNamed,
  proposalOn,
  versionWith,
} from '../support/rosters.ts';

const FIRST = versionWith(1, electorate('abc', 'ijk'));
const [X, Y, Z] = [hashNamed('x'), hashNamed('y'), hashNamed('z')];

const people = (letters: string): ReadonlySet<PrincipalId> => new Set([...letters] as PrincipalId[]);
const slots = (...taken: readonly (readonly [number, Hash | null])[]): Slots => new Map(taken);
const said = (
  decision: ReturnType<typeof mayAck> | ReturnType<typeof mayVoid> | ReturnType<typeof mayOpenTerm>,
) => (decision.allow ? 'yes' : decision.reason);

describe('a principal may ack a candidate', () => {
  const skipping = (skips: Readonly<Record<number, readonly Ack[]>>, version = 3): Partial<Proposal> => ({
    version,
    skips: new Map(Object.entries(skips).map(([at, acks]) => [Number(at), acks])),
  });
  const two = electorate('abc', 'ijk', { issuers: 2 });
  const onTwo = versionWith(1, two);

  const cases: readonly [
    why: string,
    expected: string,
    proposal: Partial<Proposal>,
    taken?: Slots,
    newest?: Version,
  ][] = [
    ['on the newest version that it knows', 'yes', {}],
    ['though it acked others for other versions', 'yes', {}, slots([1, X], [3, Y], [4, null])],
    ['but no second one for a version', 'slot-taken', {}, slots([2, X])],
    ['but none for a version that it voided', 'slot-taken', {}, slots([2, null])],
    [
      'but not the same one again, which would state other terms',
      'slot-taken',
      {},
      slots([2, hashNamed('candidate')]),
    ],
    ['but none on a parent that is not the newest', 'unknown-parent', { parent: X }],
    ['but none for the newest version once more', 'superseded', { version: 1 }],
    ['but none for an older version', 'superseded', { version: 2 }, slots(), versionWith(3, FIRST.roster)],
    ['but none that nobody signed', 'too-few-issuers', { signers: people('') }],
    ['but none that only voters signed', 'too-few-issuers', { signers: people('abc') }],
    [
      'but none that one of two needed issuers signed',
      'too-few-issuers',
      { signers: people('i'), roster: two },
      slots(),
      onTwo,
    ],
    ['that two needed issuers signed', 'yes', { signers: people('ik') }, slots(), onTwo],
    [
      'but none by one issuer where it raises their number to two',
      'too-few-issuers',
      { signers: people('i'), roster: two },
    ],
    [
      'but none by one issuer where it lowers their number to one',
      'too-few-issuers',
      { signers: people('i'), roster: FIRST.roster },
      slots(),
      onTwo,
    ],
    [
      'but none by issuers whom only itself names',
      'too-few-issuers',
      { signers: people('m'), roster: electorate('abc', 'm') },
    ],
    [
      'but none that leaves no issuer who signed it',
      'too-few-issuers',
      { signers: people('i'), roster: electorate('abc', 'j') },
    ],
    ['that skips a version which is proven closed', 'yes', skipping({ 2: acksOf('ab', 2, null) })],
    [
      'that skips a version whose votes are split',
      'yes',
      skipping({ 2: [...acksOf('a', 2, X), ...acksOf('b', 2, Y), ...acksOf('c', 2, Z)] }),
    ],
    ['but none that skips a version without proof', 'skip-without-proof', skipping({})],
    [
      'but none that skips one which could still win',
      'skip-without-proof',
      skipping({ 2: acksOf('a', 2, null) }),
    ],
    [
      'but none that proves a skip by the same voter twice',
      'skip-without-proof',
      skipping({ 2: acksOf('aa', 2, null) }),
    ],
    [
      'but none that proves a skip by acks for another version',
      'skip-without-proof',
      skipping({ 2: acksOf('abc', 4, null) }),
    ],
    [
      'but none that proves a skip by those who do not vote',
      'skip-without-proof',
      skipping({ 2: acksOf('ijk', 2, null) }),
    ],
    [
      'but none that proves only one of two skips',
      'skip-without-proof',
      skipping({ 3: acksOf('abc', 3, null) }, 4),
    ],
    [
      'that proves both of two skips',
      'yes',
      skipping({ 2: acksOf('ab', 2, null), 3: acksOf('bc', 3, null) }, 4),
    ],
  ];
  for (const [why, expected, proposal, taken = slots(), newest = FIRST] of cases) {
    it(why, () => {
      assert.equal(said(mayAck(taken, proposalOn(newest, proposal), newest)), expected);
    });
  }
});

describe('a principal may void a version', () => {
  const known = (version: number) => (version === 2 ? acksOf('ab', 2, null) : []);
  const none = () => [];
  const cases: readonly [
    why: string,
    expected: string,
    version: number,
    taken: Slots,
    acks: (version: number) => readonly Ack[],
  ][] = [
    ['that is the next undecided', 'yes', 2, slots(), none],
    ['after one that is proven closed', 'yes', 3, slots([2, null]), known],
    ['but not one that is certified already', 'superseded', 1, slots(), none],
    ['but not one whose slot it gave to a candidate', 'slot-taken', 2, slots([2, X]), none],
    ['but not one that it voided already', 'slot-taken', 2, slots([2, null]), none],
    ['but not one after an undecided one', 'not-next-undecided', 3, slots(), none],
    ['but not one that is proven closed already', 'not-next-undecided', 2, slots(), known],
  ];
  for (const [why, expected, version, taken, acks] of cases) {
    it(why, () => {
      assert.equal(said(mayVoid(taken, version, FIRST, acks)), expected);
    });
  }
});

describe('a term is governed', () => {
  const from = (version: number, ...terms: readonly (readonly [string, number])[]) =>
    versionWith(version, FIRST.roster, { firstTerms: new Map(terms) });
  const versions = [
    ...[from(1, ['office', 0]), from(2, ['office', 5], ['lab', 2]), from(3, ['office', 5], ['lab', 9])],
  ];
  const cases: readonly [why: string, hostClass: string, term: number, version: number | null][] = [
    ['by the genesis before any other begins', 'office', 4, 1],
    ['by the newest of those that begin with it', 'office', 5, 3],
    ['by the newest ever after', 'office', 500, 3],
    ['for each class by itself', 'lab', 8, 2],
    ['by nobody before the class begins', 'lab', 1, null],
    ['by nobody for a class that no version has', 'attic', 7, null],
  ];
  for (const [why, hostClass, term, version] of cases) {
    it(why, () => {
      assert.equal(governing(versions, hostClass, term)?.version ?? null, version);
    });
  }

  it('by nobody where no version is known', () => {
    assert.equal(governing([], 'office', 0), null);
  });
});

describe('a voter may open a term', () => {
  const second = versionWith(2, FIRST.roster, { firstTerms: new Map([['office', 5]]) });
  const both = [FIRST, second];
  const none = () => [];
  const lost = (version: number) => (version === 3 ? [...acksOf('a', 3, X), ...acksOf('bc', 3, null)] : []);
  const cases: readonly [
    why: string,
    expected: string,
    of: Version,
    term: number,
    taken: Slots,
    acks?: (version: number) => readonly Ack[],
  ][] = [
    ['for the version that governs it', 'yes', second, 5, slots([2, second.id])],
    ['for the older version before the newer begins', 'yes', FIRST, 4, slots()],
    ['but not for an older version once the newer governs', 'not-governed', FIRST, 5, slots()],
    ['but not for a newer version before it governs', 'not-governed', second, 4, slots()],
    [
      'but not for the older version after acking the newer, whose acks stated a lower term',
      'acked-later',
      FIRST,
      4,
      slots([2, second.id]),
    ],
    ['but not after acking a candidate that may still win', 'acked-later', second, 5, slots([3, X])],
    ['but not after acking a candidate far ahead', 'acked-later', second, 5, slots([9, X])],
    ['after acking a candidate that is proven lost', 'yes', second, 5, slots([3, X]), lost],
    [
      'but not while only some of its votes are known',
      'acked-later',
      second,
      5,
      slots([3, X]),
      () => acksOf('a', 3, X),
    ],
    ['after acking a rival of the version that won', 'yes', FIRST, 4, slots([2, X])],
    ['after voiding later versions', 'yes', second, 5, slots([3, null], [4, null])],
    ['after acking what the version itself followed', 'yes', second, 5, slots([1, X])],
  ];
  for (const [why, expected, of, term, taken, acks = none] of cases) {
    it(why, () => {
      assert.equal(said(mayOpenTerm(taken, both, of, { hostClass: 'office', term }, acks)), expected);
    });
  }

  it('but not for a version that is not among those that it knows', () => {
    const at = { hostClass: 'office', term: 5 };
    assert.equal(said(mayOpenTerm(slots(), both, { ...second, id: Y }, at, none)), 'not-governed');
  });
});

describe('a later candidate that a voter acked', () => {
  it('is not lost by the votes of strangers', () => {
    const strangers: readonly Ack[] = ['x', 'y'].map((name) => ({
      ...{ voter: 'b' as PrincipalId, version: 2, candidate: null, terms: new Map() },
      signatory: { log: logNamed(name), key: keyNamed(name) },
    }));
    const at = { hostClass: 'office', term: 4 };
    assert.equal(said(mayOpenTerm(slots([2, X]), [FIRST], FIRST, at, () => strangers)), 'acked-later');
  });
});
