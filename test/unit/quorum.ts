import assert from 'node:assert/strict';
import { membersAmong, toAck } from '../../core/state/evidence.ts';
import {
  type Ack,
  casts,
  firstTerm,
  hasQuorum,
  isAuthorised,
  isCertified,
  isClosed,
  memberOf,
  ownerOf,
  quorumOf,
  voterOf,
} from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import { startsOf } from '../../core/state/versions.ts';
import type { PrincipalId } from '../../core/units.ts';
import type { Verified } from '../../core/verify/record.ts';
import {
  acksOf,
  electorate,
  hashNamed,
  keyNamed,
  logNamed,
  memberNamed,
  OFFICE,
  rosterWith,
  versionWith,
} from '../support/rosters.ts';

const [X, Y, Z] = [hashNamed('x'), hashNamed('y'), hashNamed('z')];
const ABC = electorate('abc', 'ijk');
const people = (letters: string): ReadonlySet<PrincipalId> => new Set([...letters] as PrincipalId[]);
const liars = (voters: string, count: number): Roster => electorate(voters, 'i', { liars: count });

/** Acks of these voters with the keys of others: whoever holds a log, but not the key that the roster names. */
function stolen(voters: string, version: number, candidate: typeof X): readonly Ack[] {
  return acksOf(voters, version, candidate).map((ack) => ({
    ...ack,
    signatory: { log: logNamed(ack.voter), key: keyNamed(`thief of ${ack.voter}`) },
  }));
}

/** An ack of the second device of `a`. */
function second(candidate: typeof X | null): Ack {
  const signatory = { log: logNamed('a1'), key: keyNamed('a1') };
  return { voter: 'a' as PrincipalId, version: 2, candidate, terms: new Map(), signatory };
}

describe('a quorum', () => {
  const sizes: readonly (readonly [voters: number, liars: number, quorum: number])[] = [
    ...([
      [1, 0, 1],
      [2, 0, 2],
      [3, 0, 2],
      [4, 0, 3],
      [5, 0, 3],
      [12, 0, 7],
    ] as const),
    ...([
      [4, 1, 3],
      [5, 1, 4],
      [6, 1, 4],
      [7, 2, 5],
    ] as const),
  ];
  for (const [voters, count, quorum] of sizes) {
    it(`of ${voters} voters of whom ${count} may lie is ${quorum}`, () => {
      assert.equal(quorumOf(voters, count), quorum);
    });
  }

  it('meets any other in one voter who does not lie', () => {
    for (let voters = 1; voters < 40; voters++) {
      for (let lying = 0; 3 * lying < voters; lying++) {
        assert.ok(2 * quorumOf(voters, lying) - voters >= lying + 1, `${voters}, ${lying}`);
        assert.ok(quorumOf(voters, lying) <= voters - lying, `${voters}, ${lying}: the honest alone decide`);
      }
    }
  });

  const cases: readonly [why: string, holds: boolean, principals: string, roster: Roster][] = [
    ['is two of three', true, 'ab', ABC],
    ['is not one of three', false, 'a', ABC],
    ['is not made of those who do not vote', false, 'aijk', ABC],
    ['is not made of those whom nobody knows', false, 'axyz', ABC],
    ['is three of four where one may lie', true, 'abc', liars('abcd', 1)],
    ['is not two of four where one may lie', false, 'ab', liars('abcd', 1)],
    ['is nobody’s where nobody votes', false, 'ijk', electorate('', 'ijk')],
  ];
  for (const [why, holds, principals, roster] of cases) {
    it(why, () => {
      assert.equal(hasQuorum(people(principals), roster), holds);
    });
  }
});

describe('a log speaks for a principal', () => {
  const two = rosterWith([memberNamed('a', ['voter'], ['a1', 'a']), memberNamed('b', ['issuer'])]);
  const a = two.members.get('a' as PrincipalId);
  const cases: readonly [
    why: string,
    log: string,
    key: string,
    member: string | null,
    voter: string | null,
  ][] = [
    ['and casts its votes if it has the lowest id', 'a', 'a', 'a', 'a'],
    ['and casts none as a second device, or a voter would vote twice', 'a1', 'a1', 'a', null],
    ['and casts none for one who does not vote', 'b', 'b', 'b', null],
    ['only with the key that the roster names', 'a', 'thief', null, null],
    ['only with its own key, not with that of the other device', 'a', 'a1', null, null],
    ['only if the roster names it', 'z', 'z', null, null],
  ];
  for (const [why, log, key, member, voter] of cases) {
    it(why, () => {
      assert.equal(memberOf(two, logNamed(log), keyNamed(key))?.id ?? null, member);
      assert.equal(voterOf(two, logNamed(log), keyNamed(key)), voter);
    });
  }

  it('to whom the roster gives it, whatever the key', () => {
    assert.equal(ownerOf(two, logNamed('a1'))?.id, 'a');
    assert.equal(ownerOf(two, logNamed('z')), undefined);
  });

  it('whose votes one log of several casts, in whatever order they are listed', () => {
    assert(a !== undefined);
    assert.deepEqual([casts(a, logNamed('a')), casts(a, logNamed('a1'))], [true, false]);
  });

  it('that counts once, by whatever devices it signs', () => {
    const signed = ['a', 'a1', 'a', 'b'].map((name) => ({ log: logNamed(name), key: keyNamed(name) }));
    assert.deepEqual([...membersAmong(signed, two)], ['a', 'b']);
  });

  it('whose second device acks for nobody', () => {
    const ack = (name: string) =>
      ({
        ...{ log: logNamed(name), key: keyNamed(name) },
        body: { version: 2, candidate: X, terms: new Map() },
      }) as unknown as Verified<'ack'>;
    assert.deepEqual(
      ['a', 'a1'].map((name) => toAck(ack(name), two)?.voter ?? null),
      ['a', null],
    );
  });
});

describe('enough issuers', () => {
  const of = (issuers: number, who = 'ijk') => electorate('abc', who, { issuers });
  const cases: readonly [why: string, holds: boolean, signers: string, parent: Roster, child: Roster][] = [
    ['are one of three where one is asked for', true, 'j', of(1), of(1)],
    ['are two of three where two are asked for', true, 'ik', of(2), of(2)],
    ['are not one where two are asked for, however often it signs', false, 'ii', of(2), of(2)],
    ['are not an issuer and a voter', false, 'ia', of(2), of(2)],
    ['are not voters', false, 'abc', of(1), of(1)],
    ['are as many as the child asks for too', false, 'i', of(1), of(2)],
    ['are as many as the parent asks for too', false, 'i', of(2), of(1)],
    ['are issuers of the parent and of the child', true, 'im', of(1, 'ij'), of(1, 'm')],
    ['are not issuers of the child alone', false, 'm', of(1, 'ij'), of(1, 'm')],
    ['are not issuers of the parent alone', false, 'ij', of(1, 'ij'), of(1, 'm')],
  ];
  for (const [why, holds, signers, parent, child] of cases) {
    it(why, () => {
      assert.equal(isAuthorised(people(signers), parent, child), holds);
    });
  }
});

describe('a candidate is certified', () => {
  const thieves = rosterWith(
    [...'abc'].map((id) => ({
      ...memberNamed(id),
      logs: [{ log: logNamed(id), key: keyNamed(`thief of ${id}`) }],
    })),
  );
  const devices = rosterWith([memberNamed('a', ['voter'], ['a', 'a1']), memberNamed('b'), memberNamed('c')]);
  const cases: readonly [why: string, holds: boolean, acks: readonly Ack[], parent: Roster, child: Roster][] =
    [
      ['by two of three', true, acksOf('bc', 2, X), ABC, ABC],
      ['not by one of three', false, acksOf('b', 2, X), ABC, ABC],
      ['not by one who acks three times', false, acksOf('bbb', 2, X), ABC, ABC],
      ['not by two devices of one', false, [...acksOf('a', 2, X), second(X)], devices, devices],
      ['not by acks for another', false, [...acksOf('a', 2, X), ...acksOf('bc', 2, Y)], ABC, ABC],
      ['not by VOID', false, acksOf('abc', 2, null), ABC, ABC],
      ['not by issuers', false, acksOf('ijk', 2, X), ABC, ABC],
      ['not by those who hold the logs without the keys', false, stolen('abc', 2, X), ABC, ABC],
      ['not by the keys that only itself gives to the voters', false, stolen('abc', 2, X), ABC, thieves],
      ['not by the old voters alone', false, acksOf('abc', 2, X), ABC, electorate('cde')],
      ['not by the new voters alone', false, acksOf('cde', 2, X), ABC, electorate('cde')],
      ['by a quorum of the old and one of the new', true, acksOf('bcd', 2, X), ABC, electorate('cde')],
      ['not by two of four where one may lie', false, acksOf('ab', 2, X), liars('abcd', 1), liars('abcd', 1)],
      ['by three of four where one may lie', true, acksOf('abd', 2, X), liars('abcd', 1), liars('abcd', 1)],
      ['as strictly as the child asks for', false, acksOf('abc', 2, X), liars('abcde', 0), liars('abcde', 1)],
      [
        'as strictly as the parent asks for',
        false,
        acksOf('abc', 2, X),
        liars('abcde', 1),
        liars('abcde', 0),
      ],
    ];
  for (const [why, holds, acks, parent, child] of cases) {
    it(why, () => {
      assert.equal(isCertified(X, acks, parent, child), holds);
    });
  }
});

describe('a version is proven closed', () => {
  const toChild = (voters: string, child: Roster) => acksOf(voters, 2, X).map((ack) => ({ ...ack, child }));
  const cases: readonly [why: string, closed: boolean, acks: readonly Ack[], roster: Roster][] = [
    ['not by nothing', false, [], ABC],
    ['not by one VOID of three', false, acksOf('a', 2, null), ABC],
    ['by two VOIDs of three', true, acksOf('ab', 2, null), ABC],
    ['not by one VOID in many copies', false, acksOf('aaa', 2, null), ABC],
    ['not by VOIDs of those who do not vote', false, acksOf('aijk', 2, null), ABC],
    ['not where one more ack would win', false, [...acksOf('a', 2, X), ...acksOf('b', 2, null)], ABC],
    ['not where a candidate has won', false, acksOf('ab', 2, X), ABC],
    [
      'by votes that are split',
      true,
      [...acksOf('a', 2, X), ...acksOf('b', 2, Y), ...acksOf('c', 2, Z)],
      ABC,
    ],
    ['not by split votes while one is out', false, [...acksOf('a', 2, X), ...acksOf('b', 2, Y)], ABC],
    ['not by two VOIDs of four where one may lie', false, acksOf('ab', 2, null), liars('abcd', 1)],
    ['by three VOIDs of four where one may lie', true, acksOf('abc', 2, null), liars('abcd', 1)],
    [
      'not where a liar’s second ack would win',
      false,
      [...acksOf('ab', 2, X), ...acksOf('cd', 2, null)],
      liars('abcd', 1),
    ],
    ['not where nobody votes', false, [], electorate('', 'i')],
    [
      'where a candidate can win among these voters, but not among those whom it names',
      true,
      [...toChild('ab', electorate('def')), ...acksOf('de', 2, null)],
      ABC,
    ],
    [
      'not where nobody has shown whom the candidate names',
      false,
      [...acksOf('ab', 2, X), ...acksOf('de', 2, null)],
      ABC,
    ],
    [
      'not where the candidate can win among both',
      false,
      [...toChild('ab', electorate('def')), ...acksOf('d', 2, null)],
      ABC,
    ],
  ];
  for (const [why, closed, acks, roster] of cases) {
    it(why, () => {
      assert.equal(isClosed(acks, roster), closed);
    });
  }
});

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
