import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { emptyMembership, foldMembership, type Membership } from '../../core/state/membership.ts';
import { diffRoster, rosterChangeToValue, rosterHash, rosterToValue } from '../../core/state/roster-codec.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { type Actor, CLASS, on, type Scenario, scenario } from './scenario.ts';
import { toRecord } from './statement.ts';

// The model asks for what a fold would ask for; here the fold itself is asked.
function founded({ actors, genesis, proposals }: Scenario): Membership {
  const membership = emptyMembership(genesis.id);
  const [founder, author] = ['a', 'b'].map((name) => actors.find((each) => each.name === name) as Actor);
  if (founder === undefined || author === undefined) throw new Error('a founds and b proposes');
  const body = { name: 'genesis', roster: rosterToValue(genesis.roster) };
  foldMembership(membership, record('genesis', genesis.id, founder, body));
  for (const { content, frontier, id, message, parent, roster, version } of proposals) {
    const before = proposals.find((other) => other.id === parent)?.roster ?? genesis.roster;
    const change = rosterChangeToValue(diffRoster(before, roster));
    const fields = { version, parent, frontier, change, roster: rosterHash(roster), content, message };
    foldMembership(membership, record('candidate', id, author, fields));
  }
  return membership;
}

function record(type: string, hash: Hash, { key, log }: Actor, body: object): VerifiedRecord {
  return {
    type,
    hash,
    log,
    key,
    body,
    proven: true,
    carried: [],
    signers: [],
    grants: [],
  } as unknown as VerifiedRecord;
}

function ack(realm: Scenario, name: string, id: string, stated = -1): VerifiedRecord {
  const actor = realm.actors.find((each) => each.name === name) as Actor;
  const { version } = realm.proposals.find((proposal) => proposal.id === id) ?? realm.genesis;
  const made = toRecord({ kind: 'ack', actor, version, candidate: id as Hash, stated }, actor);
  return { ...made, hash: `${name} ${id} ${stated}` as Hash };
}

function chain(membership: Membership): readonly string[] {
  return membership.versions.map(({ firstTerms, id }: Version) => `${id} from ${firstTerms.get(CLASS)}`);
}

describe('the fold of acks', () => {
  const realm = scenario('three voters', 'abc', [on('G1', 'X2', 'bcd'), on('X2', 'Z3', 'bcd')]);

  it('gives the same first terms in any order, those of versions further on too', () => {
    const acks = [
      ack(realm, 'a', 'X2', 4),
      ack(realm, 'b', 'X2', 2),
      ack(realm, 'c', 'X2', 1),
      ack(realm, 'd', 'X2'),
      ack(realm, 'c', 'Z3', 1),
      ack(realm, 'd', 'Z3'),
    ];
    for (const order of [
      [0, 1, 3, 4, 5, 2],
      [2, 1, 0, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
      [4, 0, 1, 5, 2, 3],
    ]) {
      const membership = founded(realm);
      for (const i of order) foldMembership(membership, acks[i] as VerifiedRecord);
      deepStrictEqual(chain(membership), ['G1 from 0', 'X2 from 3', 'Z3 from 3']);
    }
  });

  it("certifies nothing by acks of keys that only the candidate names, though for the parent's voters", () => {
    const robbed = scenario('new keys', 'abc', [on('G1', 'X2', 'a+b+c+')]);
    const membership = founded(robbed);
    for (const name of ['a+', 'b+', 'c+']) foldMembership(membership, ack(robbed, name, 'X2'));
    strictEqual(membership.versions.length, 1);
    for (const name of ['a', 'b']) foldMembership(membership, ack(robbed, name, 'X2'));
    strictEqual(membership.versions.length, 2);
  });

  it('counts a voter with two logs by the lower one', () => {
    const devices = scenario('two logs', 'aa+b', [on('G1', 'X2', 'ab')]);
    const membership = founded(devices);
    for (const name of ['a+', 'b']) foldMembership(membership, ack(devices, name, 'X2'));
    strictEqual(membership.versions.length, 1);
    foldMembership(membership, ack(devices, 'a', 'X2'));
    strictEqual(membership.versions.length, 2);
  });
});
