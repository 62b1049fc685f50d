import assert from 'node:assert/strict';
import { type Ack, isAuthorised, isCertified, isClosed } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { PrincipalId } from '../../core/units.ts';
import {
  acksOf,
  electorate,
  hashNamed,
  keyNamed,
  liars,
  logNamed,
  memberNamed,
  people,
  rosterWith,
  stolen,
} from '../support/rosters.ts';

const X = hashNamed('x');
const Y = hashNamed('y');
const Z = hashNamed('z');
const ABC = electorate('abc', 'ijk');

/** An ack of the second device of `a`. */
function second(candidate: typeof X | null): Ack {
  const signatory = { log: logNamed('a1'), key: keyNamed('a1') };
  return { voter: 'a' as PrincipalId, version: 2, candidate, terms: new Map(), signatory };
}

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
