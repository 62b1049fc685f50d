import assert from 'node:assert/strict';
import { add } from '../../core/ledger/ledger.ts';
import { type DraftFold, emptyFold, foldDrafts, isAt } from '../../core/state/draft-fold.ts';
import { toRegistry } from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import { sameData } from '../../core/state/same-data.ts';
import { derive, emptyState, restrict, type State } from '../../core/state/state.ts';
import type { Hash, LogId } from '../../core/units.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { exchange, type RigHost } from '../support/host-rig.ts';
import { drafting, PUBLISH, twoLending } from '../support/lending-host.ts';

const seats = (count: number) =>
  drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: count }));

function recordsOf({ log, runtime }: RigHost): readonly VerifiedRecord[] {
  return runtime.model.state.ledger.logs.get(log) ?? [];
}

function learn(state: State, records: readonly VerifiedRecord[]): void {
  for (const record of records) {
    assert.equal(add(state.ledger, record), 'added');
    derive(state, record);
  }
}

const drawn = ({ draft }: DraftFold): number | undefined =>
  (toRegistry(draft) as Registry).features.draw?.seats;

describe('The live draft', () => {
  it('ahead of a candidate does not keep a voter from judging just what the candidate names', async () => {
    const { founder, other } = await twoLending();
    await founder.submit(seats(7)(founder));
    await founder.submit(PUBLISH);
    await founder.submit(seats(9)(founder));
    await exchange(founder, other);
    const { state } = other.runtime.model;
    const [newest] = state.membership.versions.slice(-1);
    assert(newest !== undefined);
    assert.deepEqual(newest.ackers, ['ws01', 'ws02']);
    assert.equal(state.configurations.get(newest.id)?.configuration.registry.features.draw?.seats, 7);
    assert.deepEqual([drawn(state.base), drawn(state.live)], [7, 9]);
  });

  it('follows a version that has what a fork takes away, if the version was certified all the same', async () => {
    const { founder, other } = await twoLending();
    await other.submit(seats(5)(other));
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    const [begun, joined] = [recordsOf(founder), recordsOf(other)];
    const drafted = joined.findLast(({ type }) => type === 'draft')?.seq ?? 0;
    const published = begun.findLast(({ type }) => type === 'candidate')?.seq ?? 0;
    const state = emptyState(founder.runtime.model.state.ledger.realm);
    learn(state, begun.slice(0, published));
    learn(state, joined.slice(0, drafted + 1));
    assert.equal(drawn(state.live), 5);
    restrict(state, other.log, drafted);
    assert.equal(drawn(state.live), 3);
    learn(state, begun.slice(published));
    learn(state, joined.slice(drafted + 1));
    assert.equal(state.settled.length, 4);
    assert.equal(drawn(state.live), 5);
  });

  it('loses what a recovery overrules, though nobody else may edit than before', async () => {
    const { founder, other } = await twoLending();
    await other.submit(seats(5)(other));
    await exchange(founder, other);
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    await founder.submit(
      drafting(({ hosts }) => Object.assign(hosts.ws02 ?? {}, { roles: ['voter', 'issuer'] }))(founder),
    );
    await founder.submit(PUBLISH);
    await exchange(founder, other);
    const { state } = founder.runtime.model;
    const { versions } = state.membership;
    const [first, second, newest] = [versions[0], versions[1], versions.at(-1)];
    assert(first !== undefined && second !== undefined && newest?.version === 5);
    assert.equal(drawn(state.live), 5);
    const { frontier, id: parent } = second;
    const recovery = { ...newest, parent, frontier, content: null, generation: 1 };
    versions.splice(0, versions.length, first, second, { ...recovery, id: 'ab'.repeat(32) as Hash });
    const record = recordsOf(founder).find(({ type }) => type === 'applied');
    assert(record !== undefined);
    derive(state, record);
    assert.equal(drawn(state.live), 3);
  });

  const changes: readonly (readonly [does: string, change: object, seats: number])[] = [
    ['has what an editor drafted beside', { name: 'Renamed' }, 9],
    ['lacks what was drafted by whom it lets edit no more, beside', { roles: ['voter'] }, 3],
  ];
  for (const [does, change, expected] of changes) {
    it(`${does} a version that waits for a draft, whichever of the two came first`, async () => {
      const { founder, other } = await twoLending();
      await founder.submit(drafting(({ hosts }) => Object.assign(hosts.ws02 ?? {}, change))(founder));
      await founder.submit(PUBLISH);
      await other.submit(seats(9)(other));
      await exchange(founder, other);
      const [begun, joined] = [recordsOf(founder), recordsOf(other)];
      const missing = begun.findLast(({ type }) => type === 'draft')?.seq ?? 0;
      const beside = joined.findLast(({ type }) => type === 'draft')?.seq ?? 0;
      const votes = [...begun.slice(missing), ...joined.slice(beside)];
      const states = [true, false].map((isEarly) => {
        const state = emptyState(founder.runtime.model.state.ledger.realm);
        learn(state, begun.slice(0, missing));
        learn(state, joined.slice(0, isEarly ? beside + 1 : beside));
        // They count wherever they travel.
        for (const vote of votes) if (vote.type === 'candidate' || vote.type === 'ack') derive(state, vote);
        if (!isEarly) learn(state, joined.slice(beside, beside + 1));
        return { waits: state.membership.versions.length - state.settled.length, seats: drawn(state.live) };
      });
      assert.deepEqual(states, Array(2).fill({ waits: 1, seats: expected }));
    });
  }

  it('is at a frontier when no draft lies between, whatever else does', async () => {
    const { founder } = await twoLending();
    await founder.submit(seats(7)(founder));
    const { ledger } = founder.runtime.model.state;
    const records = recordsOf(founder);
    const log: LogId = founder.log;
    const drafts = records.filter(({ type }) => type === 'draft').map(({ seq }) => seq);
    const last = drafts.at(-1) ?? 0;
    const beside = drafts.at(-2) ?? 0;
    const upTo = (next: number): DraftFold => {
      const fold = emptyFold();
      foldDrafts(fold, ledger, [log], () => next);
      return fold;
    };
    const places: readonly (readonly [folded: number, asked: number, at: boolean])[] = [
      [last + 1, last + 1, true],
      [records.length, last + 1, true],
      [last, beside + 1, true],
      [beside + 1, last, true],
      [last + 1, last, false],
      [last, last + 1, false],
      [0, last, false],
    ];
    for (const [folded, asked, at] of places) {
      assert.equal(isAt(upTo(folded), ledger, new Map([[log, asked]])), at, `${folded} for ${asked}`);
    }
    assert.equal(isAt(upTo(last + 1), ledger, new Map()), false, 'a log that the frontier does not name');
  });
});

describe('Two plain values', () => {
  const cases: readonly (readonly [a: unknown, b: unknown, same: boolean])[] = [
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, true],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: undefined }, { b: undefined }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ constructor: 1 }, {}, false],
    [null, {}, false],
    ['1', 1, false],
  ];
  for (const [a, b, same] of cases) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} ${same ? 'say' : 'do not say'} the same`, () => {
      assert.equal(sameData(a, b), same);
      assert.equal(sameData(b, a), same);
    });
  }
});
