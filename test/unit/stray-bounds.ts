import assert from 'node:assert/strict';
import { countStrays } from '../../core/ledger/strays.ts';
import { MAX_HISTORIES, MAX_STRAY_CHECKS, MAX_STRAY_RECORDS, MAX_STRAYS } from '../../core/wire/bounds.ts';
import { spoiled } from '../support/hostile.ts';
import { partedHost, partedRealm } from '../support/parted.ts';
import {
  acksOf,
  chainOf,
  countedCrypto,
  headsOf,
  inventedAcks,
  last,
  onSilentHistory,
  straysOf,
} from '../support/silent-history.ts';

describe('What is kept of another history of a forked log', () => {
  it('is kept up to a bound, however much the key signs', async () => {
    const parted = await partedRealm('flood');
    const { checks, crypto } = countedCrypto();
    const host = await onSilentHistory(parted, true, crypto);
    await host.hear(await inventedAcks(parted, MAX_STRAYS + MAX_HISTORIES));
    checks.count = 0;
    await host.hear(await inventedAcks(parted, 1, 900));
    assert.deepEqual([host.versions(), straysOf(host), checks.count], [[1], MAX_STRAYS, 0]);
  });

  it('about what is proposed has room, and has it after a restart, whatever else the key signed before', async () => {
    const parted = await partedRealm('flood before');
    const host = await onSilentHistory(parted);
    await host.hear(await inventedAcks(parted, MAX_STRAYS));
    await host.hear(await acksOf(parted, [{ version: 2, candidate: null }]));
    assert.deepEqual([host.versions(), straysOf(host)], [[1], MAX_STRAYS + 1]);
    await host.hear(last(parted.acking));
    assert.deepEqual([host.versions(), straysOf(host)], [[1, 2], MAX_STRAYS + 2]);
    const again = await partedHost(parted, host.store.snapshot());
    assert.deepEqual([again.versions(), straysOf(again)], [[1, 2], MAX_STRAYS + 2]);
  });

  it('about what is proposed is kept up to a bound, too', async () => {
    const parted = await partedRealm('flood of the proposed');
    const host = await onSilentHistory(parted);
    const [candidate] = host.runtime.model.state.membership.evidence.candidates.keys();
    assert(candidate !== undefined);
    const same = Array.from({ length: MAX_HISTORIES + 2 }, () => ({ version: 2, candidate }));
    await host.hear(await acksOf(parted, same));
    assert.equal(straysOf(host), MAX_HISTORIES);
  });

  it('leaves the places of a history to its records', async () => {
    const parted = await partedRealm('places');
    const host = await onSilentHistory(parted);
    await host.hear(await inventedAcks(parted, MAX_STRAYS));
    const before = countStrays(host.runtime.model.state.ledger);
    await host.hear(await chainOf(parted, 2));
    assert.equal(countStrays(host.runtime.model.state.ledger), before + 2);
  });

  it('that had room when it came has it after a restart', async () => {
    const parted = await partedRealm('disk');
    const host = await onSilentHistory(parted);
    await host.hear(await inventedAcks(parted, MAX_STRAYS));
    const [second, third] = [await onSilentHistory(parted), await onSilentHistory(parted)];
    await second.hear(await inventedAcks(parted, MAX_STRAYS, 900));
    await third.hear(await inventedAcks(parted, 7, 1900));
    const image = new Map([second, third, host].flatMap(({ store }) => [...store.snapshot()]));
    assert.equal(straysOf(await partedHost(parted, image)), 2 * MAX_STRAYS + 7);
    assert(2 * MAX_STRAYS + 7 > MAX_STRAY_CHECKS);
  });

  it('waits with its history while the log does, whatever else of the log waits', async () => {
    const parted = await partedRealm('waiting');
    const { acking, before, others, silent } = parted;
    const first = { ...acking, records: acking.records.slice(0, 1) };
    for (const order of [
      [acking, silent],
      [silent, acking],
      [acking, first, silent],
    ]) {
      const host = await partedHost(parted);
      await host.hear(...order, before, ...others);
      assert.deepEqual(host.versions(), [1, 2]);
    }
  });

  it('is checked by one signature beside those of the fork where it is a whole history, and kept up to so many records', async () => {
    const parted = await partedRealm('whole history');
    const { checks, crypto } = countedCrypto();
    const host = await onSilentHistory(parted, true, crypto);
    const chain = await chainOf(parted, MAX_STRAY_RECORDS + 3);
    const kept = () => countStrays(host.runtime.model.state.ledger);
    const first = kept();
    checks.count = 0;
    await host.hear({ ...chain, records: chain.records.slice(0, 2 * MAX_STRAY_CHECKS) });
    assert.deepEqual([kept() - first, checks.count], [2 * MAX_STRAY_CHECKS, 1 + 3]);
    await host.hear(chain);
    assert.equal(kept(), MAX_STRAY_RECORDS);
    const seqs = [...(host.runtime.model.state.ledger.strays.get(parted.voter)?.values() ?? [])].map(
      ({ record }) => record.seq - parted.at,
    );
    // What follows from where the histories part is of use without the rest, and not the other way round.
    assert.equal(Math.max(...seqs), MAX_STRAY_RECORDS - first - 1);
  });

  it('is kept up to so many records for one place', async () => {
    const parted = await partedRealm('one place');
    const host = await onSilentHistory(parted);
    const chains = await Promise.all(
      Array.from({ length: MAX_HISTORIES + 2 }, (_, i) => chainOf(parted, 1, ['heads', headsOf(i)])),
    );
    await host.hear(...chains);
    assert.equal(countStrays(host.runtime.model.state.ledger), MAX_HISTORIES);
  });

  it('costs no more than so many checks a run, and none when it is known', async () => {
    const parted = await partedRealm('checks');
    const { checks, crypto } = countedCrypto();
    const host = await onSilentHistory(parted, true, crypto);
    const acks = await inventedAcks(parted, MAX_STRAY_CHECKS + 20);
    checks.count = 0;
    await host.hear({ ...acks, records: acks.records.map(spoiled) });
    assert.equal(checks.count, MAX_STRAY_CHECKS);
    await host.hear(last(parted.acking));
    checks.count = 0;
    await host.hear(last(parted.acking));
    assert.equal(checks.count, 0);
  });
});
