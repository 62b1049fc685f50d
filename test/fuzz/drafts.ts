import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  admit,
  cloneDraft,
  type DraftEdit,
  draftBytes,
  draftState,
  emptyDraft,
  toRegistry,
} from '../../core/state/drafts.ts';
import { admitAll, editsTo, logId, smallRegistry } from '../support/registries.ts';

const AUTHOR = logId(12);

/** A draft of two authors, and valid edits upon it by one of them: every kind of struct and deletion occurs. */
function scene() {
  const draft = emptyDraft();
  admitAll(draft, editsTo(draft, logId(11), smallRegistry()));
  const first = smallRegistry();
  first.features['ray-view'] = {
    name: 'View',
    software: 'raytracer',
    seats: 9,
    note: 'Shared by the workshop',
  };
  admitAll(draft, editsTo(draft, AUTHOR, first));
  const next = smallRegistry();
  next.features['ray-view'] = {
    name: 'Viewer',
    software: 'raytracer',
    seats: 2.5,
    note: 'Now shared with a workshop',
  };
  next.people.eve = { name: 'Eve', roles: ['voter'], note: 'new' };
  next.groups.designers = { name: 'Designers', members: ['ana', 'dee'] };
  delete next.hosts.ws03;
  return { draft, edits: editsTo(draft, AUTHOR, next) };
}

type Damage = { kind: 'flip' | 'cut' | 'insert' | 'set'; at: number; byte: number };

const damages = fc.array(
  fc.record({
    kind: fc.constantFrom('flip', 'cut', 'insert', 'set'),
    at: fc.nat(2000),
    byte: fc.nat(255),
  }) as fc.Arbitrary<Damage>,
  { minLength: 1, maxLength: 3 },
);

function damaged(bytes: Uint8Array, all: readonly Damage[]): Uint8Array {
  let out = [...bytes];
  for (const { kind, at, byte } of all) {
    const i = at % (out.length + 1);
    if (kind === 'cut') out = [...out.slice(0, i), ...out.slice(i + 1 + (byte % 4))];
    else if (kind === 'insert') out.splice(i, 0, byte);
    else if (kind === 'set') out[i] = byte;
    else out[i] = (out[i] ?? 0) ^ (1 << (byte % 8));
  }
  return Uint8Array.from(out);
}

describe('damaged draft updates', () => {
  it('are refused and change nothing, or are an edit of their author alone', () => {
    const { draft, edits } = scene();
    const before = draftBytes(draft);
    const state = draftState(draft);
    let admitted = 0;
    fc.assert(
      fc.property(fc.nat(edits.length - 1), damages, (which, damage) => {
        const edit = edits[which] as DraftEdit;
        const trial = cloneDraft(draft);
        const verdict = admit(trial, { ...edit, update: damaged(edit.update, damage) });
        const { store } = trial.document;
        assert.deepEqual([store.pendingStructs, store.pendingDs], [null, null]);
        if (!verdict.ok) {
          assert.deepEqual(draftBytes(trial), before);
          return;
        }
        admitted++;
        for (const [log, units] of draftState(trial)) {
          if (log !== AUTHOR) assert.equal(units, state.get(log));
        }
        toRegistry(trial);
        // What was admitted must not stand in the way of the next honest edit.
        admitAll(trial, editsTo(trial, AUTHOR, smallRegistry()));
      }),
      { numRuns: Number(process.env.FUZZ_ROUNDS ?? 4000) },
    );
    assert.ok(admitted > 0, 'some damage is a valid edit, or the test is vacuous');
  });
});
