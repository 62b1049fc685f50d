import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  admit,
  type Draft,
  type DraftEdit,
  draftState,
  emptyDraft,
  toRegistry,
} from '../../core/state/drafts.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { registries } from '../support/any-registries.ts';
import { admitAll, editsTo, logId } from '../support/registries.ts';

describe('drafts, for any registries', () => {
  it('spell what was set, whatever they spelt before', () => {
    fc.assert(
      fc.property(fc.array(registries, { minLength: 1, maxLength: 4 }), (wishes) => {
        const draft = emptyDraft();
        for (const [index, wanted] of wishes.entries()) {
          admitAll(draft, editsTo(draft, logId(1 + (index % 3)), wanted));
          assert.deepEqual(parseRegistry(toRegistry(draft)), { ok: true, value: wanted });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('come to the same registry in whatever order concurrent edits are admitted', () => {
    const move = fc.record({ author: fc.nat(2), wanted: registries, fetches: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(move, { minLength: 2, maxLength: 7 }),
        fc.infiniteStream(fc.nat(99)),
        (moves, dice) => {
          const edits = concurrently(moves);
          const [one, other] = [shuffled(edits, dice), shuffled(edits, dice)];
          assert.deepEqual(toRegistry(deliver(one)), toRegistry(deliver(other)));
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** Edits by authors who each have a draft of their own and fetch the others' edits only now and then. */
function concurrently(moves: readonly { author: number; wanted: Registry; fetches: boolean }[]): DraftEdit[] {
  const drafts = [emptyDraft(), emptyDraft(), emptyDraft()];
  const all: DraftEdit[] = [];
  for (const { author, wanted, fetches } of moves) {
    const draft = drafts[author] ?? emptyDraft();
    if (fetches) deliver(all, draft);
    const edits = editsTo(draft, logId(1 + author), wanted);
    admitAll(draft, edits);
    all.push(...edits);
  }
  return all;
}

function shuffled(edits: readonly DraftEdit[], dice: fc.Stream<number>): DraftEdit[] {
  const rank = new Map(edits.map((edit) => [edit, dice.next().value as number]));
  return [...edits].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}

/** Admits edits as they come, again and again while any waits for its base or for an earlier one of its log. */
function deliver(edits: readonly DraftEdit[], draft: Draft = emptyDraft()): Draft {
  let waiting = [...edits];
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length;
    waiting = waiting.filter((edit) => !admit(draft, edit).ok);
  }
  const units = new Map<number, number>(draftState(draft));
  for (const { log } of edits) assert.ok((units.get(log) ?? 0) >= 0);
  return draft;
}
