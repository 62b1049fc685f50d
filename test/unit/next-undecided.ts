import { strictEqual } from 'node:assert/strict';
import { nextUndecided } from '../../core/decide/vote.ts';
import { type Ack, isClosed } from '../../core/state/quorum.ts';
import type { PrincipalId } from '../../core/units.ts';
import { scenario } from '../model/scenario.ts';

const { genesis } = scenario('three voters', 'abc', [{ id: 'X2', parent: 'G1', voters: 'abc' }]);
const nobody = { ...genesis.roster, members: new Map() };

const voids = (version: number, voters: string): readonly Ack[] =>
  [...voters].map((voter) => ({
    ...{ voter: voter as PrincipalId, version, candidate: null, terms: new Map() },
  }));

describe('the next undecided version', () => {
  it('is the one after the newest while nothing is closed', () => {
    strictEqual(
      nextUndecided(genesis, () => []),
      2,
    );
  });

  it('is the first that is not proven closed', () => {
    strictEqual(
      nextUndecided(genesis, (version) => voids(version, version < 4 ? 'ab' : 'c')),
      4,
    );
  });

  it('is found under a genesis without voters, where nobody can prove anything closed', () => {
    strictEqual(isClosed([], nobody), false);
    strictEqual(
      nextUndecided({ ...genesis, roster: nobody }, () => []),
      2,
    );
  });

  it('passes one that a candidate could win by these voters and can no more by its own', () => {
    const { genesis: parent, proposals } = scenario('five voters', 'abcde', [
      { id: 'X2', parent: 'G1', voters: 'abcd' },
    ]);
    const [{ id, roster: child }] = proposals as [(typeof proposals)[number]];
    const acks = [...voids(2, 'ad'), ...voids(2, 'bce').map((ack) => ({ ...ack, candidate: id, child }))];
    strictEqual(isClosed(acks, parent.roster), true);
    strictEqual(
      isClosed(
        acks.map(({ child: known, ...ack }) => ack),
        parent.roster,
      ),
      false,
    );
  });
});
