import assert from 'node:assert/strict';
import { endOfLog } from '../../core/state/evidence.ts';
import { newestOf } from '../../core/state/membership.ts';
import type { Member } from '../../core/state/roster.ts';
import { invitationOf, namedKey, standingOf, standingSigners } from '../../core/state/standing.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { ack, genesisOf, type Parent, propose, withPolicy } from '../support/candidates.ts';
import { certify, known, renamed, SIZE, versions } from '../support/electing-realm.ts';
import { testSigner } from '../support/keys.ts';
import { type Knowledge, outcome } from '../support/knowledge.ts';
import { makeRealm, type TestRealm } from '../support/realm.ts';

const body = (log: LogId, seq: number) => ({ logs: new Map([[log, seq]]), reason: 'lost' });

describe('a restriction', () => {
  const end = ({ state }: Knowledge, log: LogId) => {
    const { evidence, forks } = state.membership;
    return endOfLog(evidence, forks, newestOf(state.membership).roster, log);
  };
  async function twoIssuers(seed: string): Promise<{ realm: TestRealm; second: Parent }> {
    const realm = await makeRealm(seed, SIZE);
    const first = genesisOf(realm);
    const second = await propose(realm, 'issuer-1', first, withPolicy(first.roster, { issuers: 2 }));
    await certify(realm, second);
    await realm.append(realm.logOf('issuer-2'), 'sign', { target: second.id });
    return { realm, second };
  }

  it('by too few issuers, or by one of them twice, ends nothing', async () => {
    const { realm } = await twoIssuers('few');
    const log = realm.logOf('host-4');
    const revoke = await realm.append(realm.logOf('issuer-1'), 'revoke', body(log, 1));
    await realm.append(realm.logOf('issuer-1'), 'sign', { target: hashOf(revoke) });
    await realm.append(realm.logOf('host-1'), 'sign', { target: hashOf(revoke) });
    const knows = await known(realm);
    assert.equal(end(knows, log), null);
    await realm.append(realm.logOf('issuer-3'), 'sign', { target: hashOf(revoke) });
    await knows.arriveAll(realm.runs());
    assert.equal(end(knows, log), 1);
  });

  it('by somebody who is no issuer ends nothing', async () => {
    const realm = await makeRealm('no issuer', SIZE);
    const log = realm.logOf('issuer-1');
    await realm.append(realm.logOf('host-1'), 'revoke', body(log, 1));
    assert.equal(end(await known(realm), log), null);
  });

  it('ends a log at the earliest place of several', async () => {
    const realm = await makeRealm('several', SIZE);
    const log = realm.logOf('host-4');
    for (const seq of [5, 2, 9]) await realm.append(realm.logOf('issuer-1'), 'revoke', body(log, seq));
    assert.equal(end(await known(realm), log), 2);
  });

  it("does not take a voter's ack out of the count, for others may not know of it", async () => {
    const realm = await makeRealm('still counts', SIZE);
    const first = genesisOf(realm);
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('host-1'), 0));
    await certify(realm, await propose(realm, 'issuer-1', first, renamed(first.roster, 'x')));
    assert.deepEqual(versions(await known(realm)), [1, 2]);
  });

  it('takes a revoked issuer out of those whom a voter counts before it acks', async () => {
    const realm = await makeRealm('revoked issuer', SIZE);
    const first = genesisOf(realm);
    const place = realm.run(realm.logOf('issuer-1')).records.length;
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('issuer-1'), place));
    const candidate = await propose(realm, 'issuer-1', first, renamed(first.roster, 'x'));
    const { membership } = (await known(realm)).state;
    assert.deepEqual([...standingSigners(membership, candidate.id, first.roster)], []);
  });

  it("stops what a revoked issuer's key still invites, and not what it invited before", async () => {
    const realm = await makeRealm('revoked inviter', SIZE);
    const before = await realm.invite('ws-before');
    const place = realm.run(realm.logOf('issuer-1')).records.length;
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('issuer-1'), place));
    const after = await realm.invite('ws-after');
    const { membership } = (await known(realm)).state;
    assert.equal(invitationOf(membership, before.log)?.body.id, 'ws-before');
    assert.equal(invitationOf(membership, after.log), null);
  });

  it('freezes a log where its two histories part, whichever of several forks is heard first', async () => {
    const realm = await makeRealm('forks', SIZE);
    const log = realm.logOf('host-4');
    for (let i = 0; i < 3; i++) await ack(realm, 'host-4', 5 + i, null);
    const records = realm.run(log).records;
    for (const seq of [3, 1, 2]) {
      const b = await realm.fork(log, seq, 'heads', { whole: true, next: new Map() });
      await realm.append(realm.logOf('host-1'), 'fork-proof', { a: records[seq] as Uint8Array, b });
    }
    assert.equal(end(await known(realm), log), 1);
    assert.deepEqual(standingOf((await known(realm)).state.membership, log, realm.signerOf(log).key), {
      ...{ kind: 'member', member: realm.roster.members.get('host-4' as PrincipalId), end: 1 },
    });
  });
});

describe('the key that a version gives to a log', () => {
  const log = 4711 as LogId;
  const key = testSigner('ws-9').key;

  /** A realm of three voters with a candidate that takes in whoever was given the log, and so many acks for it. */
  async function proposed(acks: number) {
    const realm = await makeRealm(`named by ${acks}`, SIZE);
    const first = genesisOf(realm);
    const newcomer: Member = {
      ...{ id: 'ws-9' as PrincipalId, kind: 'host', name: 'x', class: 'office', roles: ['voter'] },
      logs: [{ log, key }],
    };
    const roster = { ...first.roster, members: new Map([...first.roster.members, [newcomer.id, newcomer]]) };
    const candidate = await propose(realm, 'issuer-1', first, roster);
    await certify(realm, candidate, ['host-1', 'host-2', 'host-3'].slice(0, acks));
    return known(realm);
  }

  for (const [acks, named] of [
    [0, undefined],
    [1, undefined],
    [2, key],
  ] as const) {
    it(`${named === undefined ? 'is not given' : 'is given'} by ${acks} acks of three voters`, async () => {
      const { membership } = (await proposed(acks)).state;
      // Four voters after it, so its certificate takes three.
      assert.equal(membership.versions.length, 1);
      assert.equal(namedKey(membership, log), named);
    });
  }

  it('lets it begin though the issuer who invited it was shut out since', async () => {
    const realm = await makeRealm('outlives', SIZE);
    const first = genesisOf(realm);
    const place = realm.run(realm.logOf('issuer-1')).records.length;
    const newcomer = await realm.invite('ws-9');
    const member: Member = {
      ...{ id: newcomer.id, kind: 'host', name: 'x', class: 'office', roles: [] },
      logs: [{ log: newcomer.log, key: newcomer.signer.key }],
    };
    const members = new Map([...first.roster.members, [member.id, member] as const]);
    await certify(realm, await propose(realm, 'issuer-2', first, { ...first.roster, members }));
    await realm.append(realm.logOf('issuer-2'), 'revoke', body(realm.logOf('issuer-1'), place));
    const knows = await known(realm);
    assert.deepEqual([versions(knows), invitationOf(knows.state.membership, newcomer.log)], [[1, 2], null]);
    await realm.join(newcomer);
    assert.equal(outcome(await knows.arrive(realm.run(newcomer.log))), 'taken');
  });
});

describe('an invitation', () => {
  it('by a member who is no issuer invites nobody', async () => {
    const realm = await makeRealm('no right', SIZE);
    const log = 4711 as LogId;
    await realm.append(realm.logOf('host-1'), 'invite', {
      ...{ log, key: testSigner('once').key, kind: 'host', id: 'crony' as PrincipalId, name: 'Crony' },
      ...{ class: 'office', roles: ['issuer'], until: 4e9 },
    });
    assert.equal(invitationOf((await known(realm)).state.membership, log), null);
  });

  it('to a log id that another reserves too admits nobody', async () => {
    const realm = await makeRealm('reserved twice', SIZE);
    const { log } = await realm.invite('ws-9');
    assert.equal(standingOf((await known(realm)).state.membership, log, null).kind, 'invited');
    await realm.append(realm.logOf('issuer-2'), 'invite', {
      ...{ log, key: testSigner('once').key, kind: 'host', id: 'other' as PrincipalId, name: 'Other' },
      ...{ class: 'office', roles: [], until: 4e9 },
    });
    assert.equal(standingOf((await known(realm)).state.membership, log, null).kind, 'unknown');
  });
});
