import assert from 'node:assert/strict';
import type { StoreImage } from '../../core/adapters/store-memory.ts';
import { forkShowing } from '../../core/agent/fork-showing.ts';
import { isFault } from '../../core/errors.ts';
import { countStrays } from '../../core/ledger/strays.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { prepareRecord } from '../../core/wire/record.ts';
import { codeOf, forgedCode } from '../support/grants.ts';
import { spoiled } from '../support/hostile.ts';
import { meet } from '../support/meeting.ts';
import { type PartedHost, partedHost, partedRealm } from '../support/parted.ts';
import { encodeBody } from '../support/realm.ts';
import { chainOf, last, onSilentHistory, straysOf } from '../support/silent-history.ts';

describe('Evidence of another history of a forked log', () => {
  it('counts in the run that shows the fork, and leaves the log as it is held', async () => {
    const parted = await partedRealm('one run');
    const host = await onSilentHistory(parted, false);
    await host.hear(parted.acking);
    assert.deepEqual(host.versions(), [1, 2]);
    const { ledger, membership } = host.runtime.model.state;
    assert.equal(membership.forks.get(parted.voter)?.seq, parted.at);
    assert.equal(ledger.logs.get(parted.voter)?.length, parted.at + 1);
    assert.equal(straysOf(host), 1);
  });

  it('counts without what comes before it, once the fork is known', async () => {
    const parted = await partedRealm('alone');
    const [alone, ahead] = [await onSilentHistory(parted), await onSilentHistory(parted)];
    assert.deepEqual(await alone.runtime.update(encodeAppend([last(parted.acking)])), []);
    await ahead.hear({ ...parted.acking, from: parted.at + 5 });
    assert.deepEqual([alone.versions(), ahead.versions()], Array(2).fill([1, 2]));
  });

  it('that came before the fork was known counts as soon as it is', async () => {
    const parted = await partedRealm('early');
    const host = await onSilentHistory(parted, false);
    const later = last(parted.acking);
    await host.hear({ ...later, from: later.from + 1 }, parted.acking);
    assert.deepEqual(host.versions(), [1, 2]);
  });

  it('is nothing to a host that knows of no fork', async () => {
    const parted = await partedRealm('unknown fork');
    const host = await onSilentHistory(parted, false);
    await host.hear(last(parted.acking));
    assert.deepEqual([host.versions(), straysOf(host)], [[1], 0]);
  });

  it('is known again after a restart, though nobody shows the fork again', async () => {
    const parted = await partedRealm('restart');
    const host = await onSilentHistory(parted);
    await host.hear(last(parted.acking));
    const again = await partedHost(parted, host.store.snapshot());
    assert.deepEqual([again.versions(), straysOf(again)], [[1, 2], 1]);
  });

  it('is known to be some after a restart, and proven to others then, once', async () => {
    const parted = await partedRealm('proven once');
    const first = await onSilentHistory(parted);
    const proofsOf = ({ runtime }: PartedHost) => {
      const own = runtime.model.state.ledger.logs.get(parted.realm.logOf('host-2')) ?? [];
      return own.filter(({ type }) => type === 'fork-proof').length;
    };
    assert.equal(proofsOf(first), 0);
    const again = await partedHost(parted, first.store.snapshot());
    await again.runtime.compared();
    assert.equal(proofsOf(again), 1);
    const later = await partedHost(parted, again.store.snapshot());
    await later.runtime.compared();
    assert.equal(proofsOf(later), 1);
  });

  it('of its own log leaves a host stale after a restart, though it ended before it could count', async () => {
    const parted = await partedRealm('own');
    const { before, others, realm, silent } = parted;
    const log = realm.logOf('host-2');
    const from = realm.run(log).records.length - 1;
    const other = await realm.fork(log, from, 'heads', { whole: false, next: new Map() });
    const host = await partedHost(parted);
    await host.hear(...others, before, silent, { log, from, records: [other] });
    const again = await partedHost(parted, host.store.snapshot());
    assert.deepEqual([host.runtime.model.stale, again.runtime.model.stale], [true, true]);
  });

  it('stops a host whose disk has changed it', async () => {
    const parted = await partedRealm('damaged');
    const host = await onSilentHistory(parted);
    await host.hear(last(parted.acking));
    const image: StoreImage = new Map(
      [...host.store.snapshot()].map(([key, value]) => [
        key,
        key.startsWith('stray/') ? spoiled(value) : value,
      ]),
    );
    await assert.rejects(
      partedHost(parted, image),
      (error) => isFault(error) && error.code === 'STORE_CORRUPT',
    );
  });

  it('with a bad signature changes nothing', async () => {
    const parted = await partedRealm('spoiled');
    const host = await onSilentHistory(parted);
    const before = host.store.snapshot();
    const { from, log, records } = last(parted.acking);
    await host.hear({ log, from, records: records.map(spoiled) });
    assert.deepEqual([host.versions(), straysOf(host)], [[1], 0]);
    assert.deepEqual(host.store.snapshot(), before);
  });

  it('is put together from the parts that its author chained to it, and from no others', async () => {
    const parted = await partedRealm('parts');
    const { before, realm } = parted;
    const issuer = realm.logOf('issuer-1');
    const whole = realm.run(issuer);
    const at = whole.records.length - 4;
    const other = await realm.fork(issuer, at, 'heads', { whole: true, next: new Map() });
    const [first, ...rest] = whole.records.slice(at);
    const others = parted.others.filter(({ log }) => log !== issuer);
    const known = { ...whole, records: whole.records.slice(0, at) };
    const host = await partedHost(parted);
    await host.hear(known, ...others, before, { log: issuer, from: at, records: [other] });
    assert(first !== undefined);
    await host.hear({ log: issuer, from: at, records: [first] });
    const found = () => host.runtime.model.state.membership.evidence.candidates.size;
    const [second, ...after] = rest;
    assert(second !== undefined);
    await host.hear({ log: issuer, from: at, records: [first, spoiled(second), ...after] });
    assert.equal(found(), 0);
    // The parts in one frame, what is put together from them in the next.
    const all = [first, ...rest];
    await host.hear({ log: issuer, from: at, records: all.slice(0, 2) });
    await host.hear({ log: issuer, from: at + 2, records: all.slice(2) });
    assert.equal(found(), 1);
    const again = await partedHost(parted, host.store.snapshot());
    assert.equal(again.runtime.model.state.membership.evidence.candidates.size, 1);
  });

  it('is taken up once more is known of what it carries', async () => {
    const parted = await partedRealm('carried');
    const { at, before, others, realm, silent, voter } = parted;
    const stranger = realm.logOf('host-3');
    const [end = new Uint8Array()] = realm.run(stranger).records.slice(-1);
    const seq = realm.run(stranger).records.length - 1;
    const other = await realm.fork(stranger, seq, 'heads', { whole: false, next: new Map() });
    await realm.append(voter, 'fork-proof', { a: end, b: other });
    await realm.append(voter, 'heads', { whole: true, next: new Map() });
    const acking = realm.run(voter, at);
    const host = await partedHost(parted);
    await host.hear(...others.filter(({ log }) => log !== stranger), before, silent, acking);
    const frozen = () => host.runtime.model.state.membership.forks.get(stranger)?.seq;
    assert.equal(frozen(), undefined);
    await host.hear(realm.run(stranger), acking);
    assert.equal(frozen(), seq);
  });

  it('is all that counts of another history: what its host reports there is no report', async () => {
    const parted = await partedRealm('reports');
    const { realm, voter } = parted;
    const host = await onSilentHistory(parted);
    const applied = { version: 1, candidate: realm.id, content: realm.id };
    const chain = await chainOf(parted, 1, ['applied', encodeBody('applied', applied)]);
    const had = countStrays(host.runtime.model.state.ledger);
    await host.hear(chain);
    assert.equal(countStrays(host.runtime.model.state.ledger), had + 1);
    assert.equal(host.runtime.model.state.reports.get(voter)?.applied ?? null, null);
  });

  it('has the licence codes in its drafts checked like those of the log', async () => {
    const parted = await partedRealm('codes');
    const host = await onSilentHistory(parted);
    const [good, forged] = [await codeOf(), await forgedCode()];
    const update = new TextEncoder().encode(`${good} ${forged} `);
    await host.hear(await chainOf(parted, 1, ['draft', encodeBody('draft', { base: new Map(), update })]));
    assert.deepEqual([...host.runtime.model.state.ledger.grants], [good]);
  });

  it('is of the log that the records name and of this realm, whatever key signed them', async () => {
    const parted = await partedRealm('named and signed');
    const { at, realm, voter } = parted;
    const host = await onSilentHistory(parted);
    const had = countStrays(host.runtime.model.state.ledger);
    const body = encodeBody('ack', { version: 2, candidate: null, terms: new Map() });
    for (const place of [
      { realm: realm.id, log: realm.logOf('host-3') },
      { realm: hashOf(new Uint8Array()), log: voter },
    ]) {
      const record = prepareRecord({ ...place, seq: at + 1, prev: realm.id, type: 'ack', body });
      const sealed = record.seal(await realm.signerOf(voter).sign(record.signed));
      await host.hear({ log: voter, from: at + 1, records: [sealed] });
    }
    assert.equal(countStrays(host.runtime.model.state.ledger), had);
  });

  it('is none of the log as it is held, where both come together', async () => {
    const parted = await partedRealm('together');
    const { acking, at, before, others, silent, voter } = parted;
    const host = await partedHost(parted);
    await host.hear(...others, before, silent, { ...acking, records: acking.records.slice(0, 1) });
    const kept = () => countStrays(host.runtime.model.state.ledger);
    const had = kept();
    const [end = new Uint8Array()] = silent.records;
    const grown = await chainOf(parted, 2, undefined, hashOf(end), at + 1);
    await host.hear({ log: voter, from: at, records: [end, ...grown.records, ...acking.records] });
    assert.equal(host.runtime.model.state.ledger.logs.get(voter)?.length, at + 3);
    assert.deepEqual([host.versions(), kept() - had], [[1, 2], 1]);
  });

  it('is none of the log any more that has grown to it since, after a restart and before', async () => {
    const parted = await partedRealm('grown');
    const { at, before, others, silent, voter } = parted;
    const whole = await chainOf(parted, 4);
    const host = await partedHost(parted);
    await host.hear(...others, before, { ...whole, records: whole.records.slice(0, 1) }, silent);
    await host.hear({ ...whole, from: at + 2, records: whole.records.slice(2) });
    assert.equal(countStrays(host.runtime.model.state.ledger), 3);
    await host.hear(whole);
    const again = await partedHost(parted, host.store.snapshot());
    const held = [host, again].map(({ runtime }) => runtime.model.state.ledger);
    const seen = held.map((ledger) => [ledger.logs.get(voter)?.length, countStrays(ledger)]);
    assert.deepEqual(seen, Array(2).fill([at + 4, 1]));
  });

  it('is the same whichever history came first, once each has shown the other what it holds', async () => {
    const parted = await partedRealm('either way');
    const { acking, before, others, silent } = parted;
    const orders = [
      [...others, before, acking, silent],
      [...others, before, silent, acking],
      [silent, acking, before, ...others],
      [acking, before, ...[...others].reverse(), silent],
    ];
    for (const order of orders) {
      const hosts = [await partedHost(parted), await partedHost(parted)] as const;
      await hosts[0].hear(...order);
      await hosts[1].hear(...others, before, silent);
      await meet(...hosts);
      const known = hosts.map(({ runtime, versions }) => {
        const { evidence, forks } = runtime.model.state.membership;
        return [versions(), [...forks], [...evidence.noted].sort()];
      });
      assert.deepEqual(known[0], known[1]);
      assert.deepEqual(known[0]?.slice(0, 2), [[1, 2], [[parted.voter, { seq: parted.at }]]]);
    }
  });

  it('is asked for by showing a relay that refuses a log the whole of it, once, unless the fork is known', async () => {
    const parted = await partedRealm('refused');
    const [unaware, aware] = [await onSilentHistory(parted, false), await onSilentHistory(parted)];
    const shown = ({ runtime }: PartedHost) => {
      const sent: Uint8Array[] = [];
      const showing = forkShowing(runtime, (update) => sent.push(update));
      for (let i = 0; i < 2; i++) showing.refusedThere(parted.voter);
      return sent;
    };
    const { log, records } = parted.before;
    const whole = encodeAppend([{ log, from: 0, records: [...records, ...parted.silent.records] }]);
    assert.deepEqual([shown(unaware), shown(aware)], [[whole], []]);
  });

  it('counts for the log that signed it, not for the one that it is sent as', async () => {
    const parted = await partedRealm('named');
    const host = await onSilentHistory(parted);
    const [ack] = last(parted.acking).records;
    assert(ack !== undefined);
    await host.hear({ log: parted.realm.logOf('host-3'), from: 1, records: [ack] });
    assert.deepEqual([host.versions(), straysOf(host)], [[1], 0]);
  });
});
