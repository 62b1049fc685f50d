import assert from 'node:assert/strict';
import { hashOf } from '../../core/wire/hash.ts';
import { decodeRecord, NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { outcome } from '../support/knowledge.ts';
import { badlySigned, setting } from '../support/known-realm.ts';
import { encodeBody, type TestRealm } from '../support/realm.ts';

describe('evidence that a record carries', () => {
  async function candidateWith(acks: readonly Uint8Array[], realm: TestRealm): Promise<Uint8Array> {
    return realm.append(realm.logOf('issuer-1'), 'candidate', {
      ...{ version: 3, parent: realm.id, frontier: new Map(), change: new Map(), message: '' },
      ...{ roster: NO_HASH, content: NO_HASH, skips: [{ version: 2, acks }] },
    });
  }

  it('is verified record by record; what does not verify is left out', async () => {
    const { realm, knows, host } = await setting('carried');
    const good = await realm.append(host, 'ack', { version: 2, candidate: null, terms: new Map() });
    await candidateWith([good, badlySigned(good), good.subarray(1)], realm);
    await knows.arriveAll(realm.runs());
    const last = knows.state.ledger.logs.get(realm.logOf('issuer-1'))?.at(-1);
    assert.deepEqual(last?.type === 'candidate' && last.carried.map(({ hash }) => hash), [hashOf(good)]);
  });

  it('counts before the log that it comes from has been seen that far', async () => {
    const { realm, knows, host } = await setting('ahead');
    const good = await realm.append(host, 'ack', { version: 2, candidate: null, terms: new Map() });
    await candidateWith([good], realm);
    await knows.arrive(realm.run(realm.logOf('issuer-1')));
    assert.equal(knows.state.membership.evidence.acks.get(2)?.length, 1);
    await knows.arriveAll(realm.runs());
    assert.equal(knows.state.membership.evidence.acks.get(2)?.length, 1);
  });

  it('is of this realm: what the same key signed for another is left out', async () => {
    const { realm, knows, host } = await setting('replayed');
    const good = await realm.append(host, 'ack', { version: 2, candidate: null, terms: new Map() });
    const body = encodeBody('ack', { version: 2, candidate: realm.id, terms: new Map() });
    const elsewhere = hashOf(new Uint8Array());
    const record = prepareRecord({ realm: elsewhere, log: host, seq: 1, prev: elsewhere, type: 'ack', body });
    const replayed = record.seal(await realm.signerOf(host).sign(record.signed));
    await candidateWith([replayed, good], realm);
    await knows.arriveAll(realm.runs());
    const acks = knows.state.membership.evidence.acks.get(2) ?? [];
    assert.deepEqual(
      acks.map(({ hash }) => hash),
      [hashOf(good)],
    );
  });

  it('waits for a signer who is not known yet', async () => {
    const { realm, knows } = await setting('not yet');
    const newcomer = await realm.invite('ws-9');
    await knows.arriveAll(realm.runs());
    await realm.join(newcomer);
    const theirs = await realm.append(newcomer.log, 'ack', { version: 2, candidate: null, terms: new Map() });
    await candidateWith([theirs], realm);
    const founder = realm.run(realm.logOf('issuer-1'));
    assert.equal(outcome(await knows.arrive(founder)), `unknown-signer at ${founder.records.length - 1}`);
    await knows.arriveAll(realm.runs());
    assert.equal(outcome(await knows.arrive(founder)), 'taken');
  });

  it('is acks only: an invitation carried along would be an invitation twice, and admit nobody', async () => {
    const { realm, knows } = await setting('smuggled');
    const newcomer = await realm.invite('ws-9');
    const invite = realm.run(realm.logOf('issuer-1')).records.at(-1) as Uint8Array;
    assert.equal(decodeRecord(invite).ok, true);
    await candidateWith([invite], realm);
    await knows.arriveAll(realm.runs());
    assert.equal(knows.state.membership.evidence.invitations.get(newcomer.log)?.length, 1);
  });

  it('convicts nobody of a fork unless both records are by one key for one place', async () => {
    const { realm, knows, host } = await setting('proof');
    const [first] = realm.run(host).records as [Uint8Array];
    const [other] = realm.run(realm.logOf('host-2')).records as [Uint8Array];
    const second = await realm.fork(host, 0, 'heads', { whole: true, next: new Map() });
    const founder = realm.logOf('issuer-1');
    for (const [a, b] of [
      [first, other],
      [first, first],
      [first, badlySigned(second)],
    ] as const) {
      await realm.append(founder, 'fork-proof', { a, b });
    }
    await knows.arriveAll(realm.runs());
    assert.equal(knows.state.membership.forks.size, 0);
    await realm.append(founder, 'fork-proof', { a: first, b: second });
    await knows.arriveAll(realm.runs());
    assert.deepEqual([...knows.state.membership.forks], [[host, { seq: 0 }]]);
  });
});
