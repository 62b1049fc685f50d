import assert from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { joinBytes } from '../../core/verify/join.ts';
import type { Verified } from '../../core/verify/record.ts';
import type { CborValue } from '../../core/wire/cbor.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { decodeRecord, NO_HASH, prepareRecord } from '../../core/wire/record.ts';
import { testSigner } from '../support/keys.ts';
import { type Knowledge, knowledgeOf, outcome } from '../support/knowledge.ts';
import { badlySigned, SIZE, setting } from '../support/known-realm.ts';
import { encodeBody, makeRealm, type TestRealm } from '../support/realm.ts';

function heads(next = 1): CborValue {
  return encodeBody('heads', { whole: false, next: new Map([[7 as LogId, next]]) });
}

/** Seals a record at any place, with any key. */
async function forged(
  realm: TestRealm,
  place: { log: LogId; seq: number; prev?: Uint8Array; realm?: string },
  type: string,
  body: CborValue,
  seed: string,
): Promise<Uint8Array> {
  const prev = place.prev === undefined ? NO_HASH : hashOf(place.prev);
  const fields = { log: place.log, seq: place.seq, prev, type, body };
  const record = prepareRecord({ ...fields, realm: (place.realm ?? realm.id) as typeof realm.id });
  return record.seal(await testSigner(seed).sign(record.signed));
}

/** Extends a log by records whose signatures are broken at the given offsets; later ones chain to the bytes as broken. */
async function chain(realm: TestRealm, log: LogId, length: number, broken: readonly number[]) {
  const before = realm.run(log).records;
  const records = [...before];
  for (let i = 0; i < length; i++) {
    const place = { realm: realm.id, log, seq: records.length, prev: hashOf(records.at(-1) as Uint8Array) };
    const record = prepareRecord({
      ...place,
      type: i % 2 === 0 ? 'heads' : 'ack',
      body: i % 2 === 0 ? heads() : ack(i),
    });
    const good = record.seal(await realm.signerOf(log).sign(record.signed));
    records.push(broken.includes(i) ? badlySigned(good) : good);
  }
  return { log, from: before.length, records: records.slice(before.length) };
}

function ack(version: number): CborValue {
  return encodeBody('ack', { version: version + 2, candidate: null, terms: new Map() });
}

describe('verifying a run', () => {
  it('takes a whole realm from its genesis on', async () => {
    const { realm, knows } = await setting('whole');
    for (const { log, records } of realm.runs()) {
      assert.deepEqual(
        knows.state.ledger.logs.get(log)?.map(({ hash }) => hash),
        records.map((record) => hashOf(record)),
      );
    }
  });

  const ends: readonly [why: string, broken: readonly number[], expected: string, taken: number][] = [
    ['all signatures are good', [], 'taken', 6],
    ['one in the middle is bad', [2], 'taken', 6],
    ['all but the newest are bad', [0, 1, 2, 3, 4], 'taken', 6],
    ['the newest is bad', [5], 'bad-signature', 5],
    ['the newest two are bad', [4, 5], 'bad-signature', 4],
    ['all are bad', [0, 1, 2, 3, 4, 5], 'bad-signature', 0],
  ];
  for (const [why, broken, expected, taken] of ends) {
    it(`takes ${taken} of six records when ${why}, in bulk as in pieces`, async () => {
      const { realm, knows, host } = await setting(why);
      const run = await chain(realm, host, 6, broken);
      const before = knows.state.ledger.size;
      const verdict = await knows.arrive(run);
      const reason = expected === 'taken' ? 'taken' : `${expected} at ${run.from + taken}`;
      assert.deepEqual([outcome(verdict), knows.state.ledger.size - before], [reason, taken]);

      const pieces = knowledgeOf(realm.id);
      await pieces.arriveAll(realm.runs());
      // Live, whatever is refused comes again with what follows it: a relay sends from where one is.
      for (let end = 1; end <= 6; end++) {
        const next = pieces.state.ledger.logs.get(host)?.length ?? 0;
        await pieces.arrive({ log: host, from: next, records: run.records.slice(next - run.from, end) });
      }
      assert.deepEqual(
        pieces.state.ledger.logs.get(host)?.map(({ hash }) => hash),
        knows.state.ledger.logs.get(host)?.map(({ hash }) => hash),
      );
      const proven = (of: Knowledge) =>
        of.state.ledger.logs.get(host)?.map((record) => record.type === 'ack' && record.proven);
      assert.deepEqual(proven(pieces), proven(knows));
    });
  }

  it('does not count an ack whose own signature is bad, though the chain covers it', async () => {
    const { realm, knows, host } = await setting('unproven');
    await knows.arrive(await chain(realm, host, 4, [1]));
    const acks = knows.state.ledger.logs.get(host)?.filter((record) => record.type === 'ack') ?? [];
    assert.deepEqual(
      acks.map((record) => (record as Verified<'ack'>).proven),
      [false, true],
    );
    assert.equal(knows.state.membership.evidence.acks.has(3), false);
    assert.equal(knows.state.membership.evidence.acks.has(5), true);
  });

  it('refuses a genesis other than the one that the realm is named after, which would bring its own keys', async () => {
    const realm = await makeRealm('usurped', SIZE);
    const log = 666 as LogId;
    const body = new Map([...(decodeGenesis(realm) as Map<string, CborValue>)]);
    body.set('key', Buffer.from(testSigner('mallory').key, 'hex'));
    for (const [why, claimed, reason] of [
      ['for this realm', realm.id, 'bad-genesis at 0'],
      ['for its own', NO_HASH, 'wrong-realm at 0'],
    ] as const) {
      const knows = knowledgeOf(realm.id);
      const record = await forged(realm, { log, seq: 0, realm: claimed }, 'genesis', body, 'mallory');
      assert.equal(outcome(await knows.arrive({ log, from: 0, records: [record] })), reason, why);
      assert.equal(knows.state.membership.versions.length, 0);
    }
  });

  it('refuses a second genesis inside a log', async () => {
    const { realm, knows } = await setting('second genesis');
    const founder = realm.logOf('issuer-1');
    const run = realm.run(founder);
    await realm.appendRaw(founder, 'genesis', decodeGenesis(realm));
    // The maker leaves the realm out of every genesis, and a record for realm zero is of another realm.
    const last = realm.run(founder, run.records.length);
    assert.equal(outcome(await knows.arrive(last)), `wrong-realm at ${last.from}`);
  });

  it('refuses a record of another realm', async () => {
    const { realm, knows, host } = await setting('here');
    const other = await makeRealm('there', SIZE);
    const tip = realm.run(host).records.at(-1) as Uint8Array;
    const place = { log: host, seq: realm.run(host).records.length, prev: tip, realm: other.id };
    const record = await forged(realm, place, 'heads', heads(), 'here/host-1');
    const verdict = await knows.arrive({ log: host, from: place.seq, records: [record] });
    assert.equal(outcome(verdict), `wrong-realm at ${place.seq}`);
  });

  it('refuses what leaves a gap, and takes it once the gap is filled', async () => {
    const { realm, knows, host } = await setting('gap');
    const from = realm.run(host).records.length;
    for (let i = 0; i < 3; i++) await realm.appendRaw(host, 'heads', heads(i + 1));
    assert.equal(outcome(await knows.arrive(realm.run(host, from + 1))), `gap at ${from + 1}`);
    assert.equal(outcome(await knows.arrive(realm.run(host, from))), 'taken');
    assert.equal(knows.state.ledger.logs.get(host)?.length, from + 3);
  });

  it('refuses a run that skips a seq inside, or holds a record of another log', async () => {
    const { realm, knows, host } = await setting('inside');
    const from = realm.run(host).records.length;
    for (let i = 0; i < 3; i++) await realm.appendRaw(host, 'heads', heads(i + 1));
    const [a, , c] = realm.run(host, from).records as [Uint8Array, Uint8Array, Uint8Array];
    assert.equal(
      outcome(await knows.arrive({ log: host, from, records: [a, c] })),
      `wrong-log at ${from + 1}`,
    );
    const foreign = realm.run(realm.logOf('host-2')).records;
    assert.equal(outcome(await knows.arrive({ log: host, from: 0, records: foreign })), 'wrong-log at 0');
  });

  it('refuses a record that names another predecessor', async () => {
    const { realm, knows, host } = await setting('chain');
    const records = realm.run(host).records;
    const place = { log: host, seq: records.length, prev: realm.genesis };
    const record = await forged(realm, place, 'heads', heads(), 'chain/host-1');
    const verdict = await knows.arrive({ log: host, from: place.seq, records: [record] });
    assert.equal(outcome(verdict), `broken-chain at ${place.seq}`);
  });

  it('takes the good records before one that is no record', async () => {
    const { realm, knows, host } = await setting('torn');
    const from = realm.run(host).records.length;
    await realm.appendRaw(host, 'heads', heads());
    const [good] = realm.run(host, from).records as [Uint8Array];
    const verdict = await knows.arrive({ log: host, from, records: [good, good.subarray(1)] });
    assert.deepEqual([verdict.taken.length, outcome(verdict)], [1, `record-form at ${from + 1}`]);
  });

  it('is indifferent to what it has already', async () => {
    const { realm, knows, host } = await setting('again');
    await realm.appendRaw(host, 'heads', heads());
    await knows.arrive(realm.run(host));
    const size = knows.state.ledger.size;
    assert.deepEqual(await knows.arrive(realm.run(host)), {
      ...{ taken: [], refused: null, fork: null, strays: [] },
    });
    assert.equal(knows.state.ledger.size, size);
  });

  it('shows a fork where one key signed two records for a place', async () => {
    const { realm, knows, host } = await setting('fork');
    const seq = realm.run(host).records.length;
    const other = await realm.fork(host, seq, 'heads', { whole: true, next: new Map() });
    await realm.appendRaw(host, 'heads', heads());
    await knows.arrive(realm.run(host, seq));
    const verdict = await knows.arrive({ log: host, from: seq, records: [other] });
    assert.equal(outcome(verdict), `fork at ${seq}`);
    assert.equal(verdict.fork?.b.hash, hashOf(other));
  });

  it('does not convict anybody of a second history that somebody else signed', async () => {
    const { realm, knows, host } = await setting('framed');
    const seq = realm.run(host).records.length;
    await realm.appendRaw(host, 'heads', heads());
    await knows.arrive(realm.run(host, seq));
    const prev = realm.run(host).records[seq - 1] as Uint8Array;
    const record = await forged(realm, { log: host, seq, prev }, 'heads', heads(9), 'a relay');
    const verdict = await knows.arrive({ log: host, from: seq, records: [record] });
    assert.equal(outcome(verdict), `bad-signature at ${seq}`);
  });

  it('refuses another history of a record that was only covered by a later signature, without a proof', async () => {
    const { realm, knows, host } = await setting('covered');
    const run = await chain(realm, host, 2, [0]);
    await knows.arrive(run);
    const other = await realm.fork(host, run.from, 'heads', { whole: true, next: new Map() });
    const verdict = await knows.arrive({ log: host, from: run.from, records: [other] });
    assert.equal(outcome(verdict), `broken-chain at ${run.from}`);
  });

  it('refuses a log that nobody invited', async () => {
    const { realm, knows } = await setting('stranger');
    const log = 77 as LogId;
    const ack1 = await forged(realm, { log, seq: 0 }, 'ack', ack(0), 'stranger');
    assert.equal(outcome(await knows.arrive({ log, from: 0, records: [ack1] })), 'unknown-log at 0');
    const body = encodeBody('join', { key: testSigner('stranger').key, proof: new Uint8Array(64) });
    const join = await forged(realm, { log, seq: 0 }, 'join', body, 'stranger');
    assert.equal(outcome(await knows.arrive({ log, from: 0, records: [join] })), 'unknown-invitation at 0');
  });

  it('refuses a newcomer who guessed the log id but lacks the one-time key', async () => {
    const { realm, knows } = await setting('guessed');
    const newcomer = await realm.invite('ws-9');
    await knows.arriveAll(realm.runs());
    const join = await realm.join({ ...newcomer, oneTime: testSigner('another key') });
    const verdict = await knows.arrive({ log: newcomer.log, from: 0, records: [join] });
    assert.equal(outcome(verdict), 'bad-join at 0');
  });

  it('refuses a second newcomer with the invitation of the first', async () => {
    const { realm, knows } = await setting('twice');
    const newcomer = await realm.invite('ws-9');
    const first = await realm.join(newcomer);
    await knows.arriveAll(realm.runs());
    const twin = await makeRealm('twice', SIZE);
    const same = await twin.invite('ws-9');
    const second = await twin.join({ ...same, signer: testSigner('a second machine') });
    assert.notDeepEqual(first, second);
    const verdict = await knows.arrive({ log: newcomer.log, from: 0, records: [second] });
    assert.equal(outcome(verdict), 'invitation-used at 0');
  });

  it('does not let members invite who are no issuers: the logs would be theirs for the asking', async () => {
    const { realm, knows, host } = await setting('hanger-on');
    const [once, signer] = [testSigner('once'), testSigner('hanger-on/crony')];
    const log = 4242 as LogId;
    await realm.append(host, 'invite', {
      ...{ log, key: once.key, kind: 'host', name: 'Crony', class: 'office', roles: [], until: 4e9 },
      id: 'crony' as never,
    });
    await knows.arriveAll(realm.runs());

    const proof = await once.sign(joinBytes(realm.id, log, signer.key));
    const body = encodeBody('join', { key: signer.key, proof });
    const join = await forged(realm, { log, seq: 0 }, 'join', body, 'hanger-on/crony');
    const verdict = await knows.arrive({ log, from: 0, records: [join] });
    assert.equal(outcome(verdict), 'unknown-invitation at 0');
  });
});

function decodeGenesis(realm: TestRealm): CborValue {
  const decoded = decodeRecord(realm.genesis);
  assert(decoded.ok);
  return decoded.value.body;
}
