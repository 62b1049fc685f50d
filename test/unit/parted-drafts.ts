import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countStrays } from '../../core/ledger/strays.ts';
import { restrict } from '../../core/state/state.ts';
import type { Run } from '../../core/wire/append.ts';
import { decodeRecord } from '../../core/wire/record.ts';
import { meet } from '../support/meeting.ts';
import {
  imitationOf,
  meaningOf,
  onlooker,
  type PartedEditor,
  partedEditor,
} from '../support/parted-editor.ts';

const LENGTHS: readonly (readonly [why: string, drafts: number])[] = [
  ['shorter', 1],
  ['longer', 12],
];

const seatsOf = (host: Parameters<typeof meaningOf>[0]) => {
  const { base, live, seats } = meaningOf(host);
  return { seats, base: base[0], live: live[0] };
};

function typeOf(bytes: Uint8Array): string | null {
  const record = decodeRecord(bytes);
  return record.ok ? record.value.type : null;
}

const WHOLE = { seats: [null, 3, 3, 5, 6], base: 6, live: 6 };

/** Hosts on either history, and one that heard of the other only by way of them. */
async function three(parted: PartedEditor) {
  const hosts = [await onlooker(parted), await onlooker(parted), await onlooker(parted)] as const;
  const { before, founder, published, restored } = parted;
  await hosts[0].hear(founder, before, published);
  await hosts[1].hear(founder, before, restored);
  await hosts[2].hear(restored, before, founder);
  return hosts;
}

describe('A version made of drafts that another history of their editor lacks', () => {
  for (const [why, drafts] of LENGTHS) {
    it(`is the same on hosts that hold either, where the other one is ${why}`, async () => {
      const parted = await partedEditor(drafts);
      const hosts = await three(parted);
      assert.deepEqual(seatsOf(hosts[0]), WHOLE);
      assert.equal(meaningOf(hosts[1]).settled, 3);
      await meet(hosts[0], hosts[1]);
      await meet(hosts[1], hosts[2]);
      for (const host of hosts) {
        assert.deepEqual(seatsOf(host), WHOLE);
        assert.deepEqual(meaningOf(host), meaningOf(hosts[0]));
        const { ledger } = host.runtime.model.state;
        const held = ledger.logs.get(parted.editor)?.[parted.at]?.bytes;
        assert.deepEqual(held, host === hosts[0] ? parted.published.records[0] : parted.restored.records[0]);
      }
    });
  }

  it('is known again after a restart', async () => {
    const parted = await partedEditor(3);
    const hosts = await three(parted);
    await meet(hosts[0], hosts[1]);
    for (const host of hosts.slice(0, 2)) {
      const again = await onlooker(parted, host.store.snapshot());
      assert.deepEqual(meaningOf(again), meaningOf(host));
      assert.deepEqual(seatsOf(again), WHOLE);
    }
  });

  it('may have come before the log grew along its history, and a restart finds nothing wrong in that', async () => {
    const parted = await partedEditor(1);
    const { at, before, editor, founder, published } = parted;
    const host = await onlooker(parted);
    await host.hear(founder, { ...before, records: before.records.slice(0, -1) });
    restrict(host.runtime.model.state, editor, at);
    await host.hear(published, before, published);
    const { ledger } = host.runtime.model.state;
    const kept = [...host.store.snapshot().keys()].filter((key) => key.startsWith('stray/'));
    assert.equal(kept.length, published.records.length);
    assert.equal(countStrays(ledger), 0);
    assert.equal(ledger.logs.get(editor)?.length, at + published.records.length);
    const again = await onlooker(parted, host.store.snapshot());
    assert.deepEqual(seatsOf(again), WHOLE);
  });

  it('waits where a record of its history is missing', async () => {
    const parted = await partedEditor(3);
    const [, host] = await three(parted);
    const { at, editor, published } = parted;
    const [first, second, ...rest] = published.records;
    assert(first !== undefined && second !== undefined);
    await host.hear(
      { log: editor, from: at, records: [first] },
      { log: editor, from: at + 2, records: rest },
    );
    assert.equal(meaningOf(host).settled, 3);
    await host.hear({ log: editor, from: at + 1, records: [second] });
    assert.deepEqual(seatsOf(host), WHOLE);
  });

  it('is made of the history that the version after it fits, whichever is looked at first', async () => {
    const parted = await partedEditor(1);
    const { at, before, editor, founder, published } = parted;
    const imitation = await imitationOf(parted);
    const [one, two] = [await onlooker(parted), await onlooker(parted)];
    await one.hear(founder, before, imitation);
    await one.hear({ log: editor, from: at, records: published.records.slice(0, 2) });
    assert.deepEqual(seatsOf(one).seats, [null, 3, 3, 5]);
    await one.hear(published);
    await two.hear(founder, before, published, imitation);
    const late = await onlooker(parted);
    const candidates = founder.records.map((bytes) => typeOf(bytes) === 'candidate');
    const start = { ...founder, records: founder.records.slice(0, candidates.lastIndexOf(true)) };
    await late.hear(start, before, imitation, published);
    assert.deepEqual(seatsOf(late).seats, [null, 3, 3, 5]);
    await late.hear(founder);
    for (const host of [one, two, late]) assert.deepEqual(seatsOf(host), WHOLE);
    for (const host of [two, late]) assert.deepEqual(meaningOf(host), meaningOf(one));
  });

  it('is the same whatever came first, in whatever pieces', async () => {
    const parted = await partedEditor(4);
    const { before, editor, founder, published, restored } = parted;
    const pieces = (run: Run, size: number): Run[] => {
      const { from, log, records } = run;
      const starts = Array.from({ length: Math.ceil(records.length / size) }, (_, i) => i * size);
      return starts.map((at) => ({ log, from: from + at, records: records.slice(at, at + size) }));
    };
    const all = [
      ...[...pieces(founder, 5), ...pieces(before, 4)],
      ...[...pieces(published, 2), ...pieces(restored, 3)],
    ];
    const reference = await onlooker(parted);
    await reference.hear(founder, before, published, restored);
    const wanted = meaningOf(reference);
    assert.deepEqual(seatsOf(reference), WHOLE);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (order) => {
        const host = await onlooker(parted);
        await host.hear(...order);
        // What waited for others and was not kept is shown again, as it is at every connection.
        await meet(host, reference);
        await host.hear(published, restored);
        assert.deepEqual(meaningOf(host), wanted);
        assert.equal(host.runtime.model.state.membership.forks.get(editor)?.seq, parted.at);
      }),
      { numRuns: 12 },
    );
  });
});
