import assert from 'node:assert/strict';
import { membersAmong, toAck } from '../../core/state/evidence.ts';
import { casts, hasQuorum, memberOf, ownerOf, quorumOf, voterOf } from '../../core/state/quorum.ts';
import type { Roster } from '../../core/state/roster.ts';
import type { PrincipalId } from '../../core/units.ts';
import type { Verified } from '../../core/verify/record.ts';
import {
  electorate,
  hashNamed,
  keyNamed,
  liars,
  logNamed,
  memberNamed,
  people,
  rosterWith,
} from '../support/rosters.ts';

const X = hashNamed('x');
const ABC = electorate('abc', 'ijk');

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
