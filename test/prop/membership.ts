import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTermOpen } from '../../core/state/evidence.ts';
import { emptyMembership, foldMembership, type Membership } from '../../core/state/membership.ts';
import { rosterHash, rosterToValue } from '../../core/state/roster-codec.ts';
import { invitationOf, standingOf } from '../../core/state/standing.ts';
import { recoverBytes } from '../../core/verify/carried.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { ack, genesisOf, type Parent, propose, withMember, withPolicy } from '../support/candidates.ts';
import { testSigner } from '../support/keys.ts';
import { knowledgeOf } from '../support/knowledge.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';

const VOTERS = ['host-1', 'host-2', 'host-3'];
const RUNS = 150;

async function ackAll(realm: TestRealm, candidate: Parent, terms: readonly number[]): Promise<void> {
  for (const [i, office] of terms.entries()) {
    await ack(realm, VOTERS[i] ?? '', candidate.version, candidate, { office });
  }
}

/** Two versions by two of three issuers; acks that come late prove earlier terms, and one issuer is revoked in between. */
async function ordinary(realm: TestRealm): Promise<void> {
  const first = genesisOf(realm);
  const second = await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 }));
  await realm.append(realm.logOf('issuer-2'), 'sign', { target: second.id });
  await ackAll(realm, second, [9, 4, 5]);
  const third = await propose(
    realm,
    'issuer-2',
    second,
    withMember(second.roster, 'host-4', { roles: ['voter'] }),
  );
  await realm.append(realm.logOf('issuer-3'), 'sign', { target: third.id });
  await ackAll(realm, third, [12, 6, 8]);
  await ack(realm, 'host-4', 3, third, { office: 2 });
  for (const voter of VOTERS) {
    const body = { version: 3, of: third.id, class: 'office', term: 20 };
    await realm.append(realm.logOf(voter), 'term', body);
  }
  await realm.invite('late');
  const revoke = await realm.append(realm.logOf('issuer-2'), 'revoke', {
    ...{ logs: new Map([[realm.logOf('issuer-1'), 7]]), reason: 'stolen' },
  });
  await realm.append(realm.logOf('issuer-3'), 'sign', { target: hashOf(revoke) });
}

/** Version 2 has two rivals and is voided, version 3 skips it; a log forks. */
async function rivals(realm: TestRealm): Promise<void> {
  const first = genesisOf(realm);
  const named = (name: string) => withMember(first.roster, 'host-4', { name });
  const a = await propose(realm, 'issuer-1', first, named('a'));
  const b = await propose(realm, 'issuer-2', first, named('b'));
  const acks = [
    await ack(realm, 'host-1', 2, a, { office: 3 }),
    await ack(realm, 'host-2', 2, b, { office: 3 }),
    await ack(realm, 'host-3', 2, null),
  ];
  const third = await propose(realm, 'issuer-3', first, named('c'), { version: 3, skips: [acks] });
  await ackAll(realm, third, [3, 4]);
  const log = realm.logOf('host-4');
  for (let i = 0; i < 2; i++) await ack(realm, 'host-4', 7 + i, null);
  for (const seq of [2, 1]) {
    const fork = await realm.fork(log, seq, 'heads', { whole: true, next: new Map() });
    const held = realm.run(log).records[seq] as Uint8Array;
    await realm.append(realm.logOf('host-1'), 'fork-proof', { a: held, b: fork });
  }
}

/** After version 3 a recovery goes back to version 2, is followed by a version, and a higher one overrules both. */
async function recovered(realm: TestRealm): Promise<void> {
  const first = genesisOf(realm);
  const named = ({ roster }: Parent, name: string) => withMember(roster, 'host-4', { name });
  const second = await propose(realm, 'issuer-1', first, named(first, 'a'));
  await ackAll(realm, second, [1, 2]);
  const third = await propose(realm, 'issuer-1', second, named(second, 'b'));
  await ackAll(realm, third, [3, 4, 2]);
  const overruled = await recover(realm, second, 1, 10);
  await ackAll(realm, await propose(realm, 'issuer-2', overruled, named(overruled, 'c')), [5, 6]);
  const last = await recover(realm, third, 2, 20);
  await ackAll(realm, await propose(realm, 'issuer-3', last, named(last, 'd')), [7, 8, 6]);
}

async function recover(
  realm: TestRealm,
  parent: Parent,
  generation: number,
  version: number,
): Promise<Parent> {
  const key = testSigner('recovery/host-1');
  const roster = withMember(parent.roster, 'issuer-1', { roles: ['issuer'] });
  const body = {
    ...{ generation, version, parent: parent.id, reason: 'all gone' },
    roster: rosterToValue(roster) as CborValue,
  };
  const signature = await key.sign(recoverBytes(realm.id, body));
  const bytes = await realm.append(realm.logOf('host-1'), 'recover', {
    ...body,
    signatures: [{ key: key.key, signature }],
  });
  return { id: hashOf(bytes), version, roster };
}

/** All that the rest of the core reads from a membership. */
function meaning(membership: Membership, realm: TestRealm) {
  return {
    versions: membership.versions.map(({ roster, ...version }) => ({
      ...version,
      roster: rosterHash(roster),
    })),
    standings: realm.runs().map(({ log }) => standingOf(membership, log, realm.signerOf(log).key)),
    invited: invitationOf(membership, realm.logOf('late'))?.hash ?? null,
    forks: [...membership.forks].sort(([a], [b]) => a - b),
    open: membership.versions.map((version) => isTermOpen(membership.evidence, version, 'office', 20)),
  };
}

describe('a membership is the same in whatever order its records come', () => {
  const stories: readonly [
    why: string,
    tell: (realm: TestRealm) => Promise<void>,
    versions: readonly number[],
    firstTerms: readonly number[],
    frozen: number,
  ][] = [
    ['with late acks, a revocation and opened terms', ordinary, [1, 2, 3], [0, 6, 9], 1],
    ['with rivals, a skip and a fork', rivals, [1, 3], [0, 5], 1],
    ['with two recoveries and what followed them', recovered, [1, 2, 3, 20, 21], [0, 3, 4, 4, 8], 0],
  ];
  for (const [why, tell, versions, firstTerms, ended] of stories) {
    it(why, async () => {
      const realm = await makeRealm(why, { hosts: 4, issuers: 3, voters: 3 });
      await tell(realm);
      const { state, arriveAll } = knowledgeOf(realm.id);
      await arriveAll(realm.runs());
      const records: readonly VerifiedRecord[] = [...state.ledger.logs.values()].flat();
      assert.equal(records.length, realm.runs().flatMap((run) => run.records).length, 'all are taken');
      const expected = meaning(state.membership, realm);
      assert.deepEqual(
        expected.versions.map(({ version }) => version),
        versions,
      );
      assert.deepEqual(
        expected.versions.map((version) => version.firstTerms.get('office')),
        firstTerms,
      );
      assert.equal(expected.standings.filter((of) => of.kind === 'member' && of.end !== null).length, ended);
      const orders = fc.shuffledSubarray([...records], { minLength: records.length });
      fc.assert(
        fc.property(orders, (order) => {
          const membership = emptyMembership(realm.id);
          for (const record of order) foldMembership(membership, record);
          assert.deepEqual(meaning(membership, realm), expected);
        }),
        { numRuns: RUNS },
      );
    });
  }
});
