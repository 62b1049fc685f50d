import assert from 'node:assert/strict';
import {
  cloneDraft,
  type DraftEdit,
  draftBytes,
  emptyDraft,
  MAX_EDIT_BYTES,
  setRegistry,
  toRegistry,
} from '../../core/state/drafts.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { foldDraft } from '../support/folded-draft.ts';
import { admitAll, editsTo, logId, smallRegistry } from '../support/registries.ts';
import { ANA, BO, written } from '../support/written-draft.ts';

describe('a draft', () => {
  it('spells the registry that was set', () => {
    assert.deepEqual(parseRegistry(toRegistry(written())), { ok: true, value: smallRegistry() });
  });

  it('has no updates for what it already spells', () => {
    assert.deepEqual(setRegistry(written(), BO, smallRegistry()), []);
  });

  it('is not changed by setRegistry, which gives the same bytes each time', () => {
    const draft = written();
    const before = draftBytes(draft);
    const wanted: Registry = { ...smallRegistry(), realm: { name: 'Another' } };
    const first = setRegistry(draft, BO, wanted);
    assert.deepEqual(draftBytes(draft), before);
    assert.deepEqual(setRegistry(draft, BO, wanted), first);
    assert.equal(first.length, 1);
    assert.ok((first[0]?.length ?? 0) < 60, 'one field is one small update');
  });

  it('keeps what imports have set and made, field by field', () => {
    const base = smallRegistry();
    const [id, feature] = Object.entries(base.features)[0] ?? [];
    assert(id !== undefined && feature !== undefined);
    const timeout = { by: 'flexnet', set: 600, before: 900 };
    const wanted: Registry = {
      ...base,
      features: { ...base.features, [id]: { ...feature, timeout: 600, imported: { timeout } } },
      groups: { team: { name: 'team', members: ['ana'], imported: { by: 'flexnet', set: '0f'.repeat(32) } } },
    };
    const draft = written();
    admitAll(draft, editsTo(draft, BO, wanted));
    assert.deepEqual(parseRegistry(toRegistry(draft)), parseRegistry(wanted));
  });

  const big = 'Instrument räume 🔭 '.repeat(500).slice(0, 9_999);
  for (const [why, wanted] of [
    ['a note of the greatest length', withNote(big)],
    ['a note of pairs that no cut may split', withNote(`a${'🔭'.repeat(4999)}`)],
    ['a thousand hosts', withHosts(1000)],
    ['an empty rest', withNote('')],
  ] as const) {
    it(`splits ${why} into updates that fit into records`, () => {
      const draft = written();
      const there = editsTo(draft, BO, wanted);
      for (const { update } of there) assert.ok(update.length <= MAX_EDIT_BYTES, `${update.length}`);
      admitAll(draft, there);
      assert.deepEqual(parseRegistry(toRegistry(draft)), { ok: true, value: wanted });
      const back = editsTo(draft, ANA, smallRegistry());
      for (const { update } of back) assert.ok(update.length <= MAX_EDIT_BYTES, `${update.length}`);
      admitAll(draft, back);
      assert.deepEqual(parseRegistry(toRegistry(draft)), { ok: true, value: smallRegistry() });
    });
  }

  it('merges edits of different fields of one entry', () => {
    const draft = written();
    const renamed = smallRegistry();
    renamed.features['ray-view'] = { ...renamed.features['ray-view'], name: 'Scene viewer' } as never;
    const grown = smallRegistry();
    grown.features['ray-view'] = { ...grown.features['ray-view'], seats: 8 } as never;
    const edits = [...editsTo(draft, ANA, renamed), ...editsTo(draft, BO, grown)];
    const { features } = toRegistry(admitAll(draft, edits)) as Registry;
    assert.deepEqual([features['ray-view']?.name, features['ray-view']?.seats], ['Scene viewer', 8]);
  });

  it('merges additions to one list', () => {
    const draft = written();
    const edits = [ANA, BO].flatMap((author, index) => {
      const wanted = smallRegistry();
      wanted.groups.designers = {
        name: 'Designers',
        hosts: ['ws01', 'ws02'],
        members: ['ana', 'bo', index === 0 ? 'cy' : 'dee'],
      };
      return editsTo(draft, author, wanted);
    });
    const { groups } = toRegistry(admitAll(draft, edits.reverse())) as Registry;
    assert.deepEqual(groups.designers?.members, ['ana', 'bo', 'cy', 'dee']);
  });

  it('merges edits of one note', () => {
    const draft = written();
    const edits = [
      ...editsTo(draft, ANA, withNote('Also shared with the workshop')),
      ...editsTo(draft, BO, withNote('Shared with the workshop, mornings')),
    ];
    const { features } = toRegistry(admitAll(draft, edits)) as Registry;
    assert.match(features['ray-view']?.note ?? '', /^Also shared with the workshop, mornings$/);
  });

  for (const [was, is, half] of [
    ['🔭', '🔮', 'first'],
    ['🔭', '🤭', 'second'],
  ] as const) {
    it(`replaces a character whole that shares its ${half} half with the next`, () => {
      const draft = admitAll(emptyDraft(), editsTo(emptyDraft(), ANA, withNote(was)));
      admitAll(draft, editsTo(draft, BO, withNote(is)));
      assert.equal((toRegistry(draft) as Registry).features['ray-view']?.note, is);
    });
  }

  it('is left alone by edits of a copy', () => {
    const draft = written();
    const copy = cloneDraft(draft);
    admitAll(copy, editsTo(copy, BO, withNote('x')));
    assert.deepEqual(parseRegistry(toRegistry(draft)), { ok: true, value: smallRegistry() });
  });

  it('folds to the same bytes in whatever order edits arrive', () => {
    const first = emptyDraft();
    const beginning = editsTo(first, ANA, smallRegistry());
    admitAll(first, beginning);
    const rival = [...editsTo(first, ANA, withNote('a')), ...editsTo(first, BO, withNote('b'))];
    admitAll(first, rival);
    const edits = [...beginning, ...rival, ...editsTo(first, ANA, withNote('upon both'))];
    const one = foldDraft(edits);
    const other = foldDraft([...edits.filter((e) => e.log === BO), ...edits.filter((e) => e.log === ANA)]);
    assert.deepEqual(one.refused, []);
    assert.deepEqual(draftBytes(one.draft), draftBytes(other.draft));
  });

  it('folds around an edit that is refused, and lists those whose base never came', () => {
    const beginning = editsTo(emptyDraft(), ANA, smallRegistry());
    const stray: DraftEdit = { log: BO, update: Uint8Array.of(0, 0), base: new Map() };
    const [later] = editsTo(written(), BO, withNote('x'));
    assert(later !== undefined);
    const waiting: DraftEdit = { ...later, base: new Map([...later.base, [logId(78), 1]]) };
    const { draft, refused } = foldDraft([stray, waiting, ...beginning]);
    assert.deepEqual(refused, [
      { edit: stray, reason: 'empty' },
      { edit: waiting, reason: 'missing-base' },
    ]);
    assert.deepEqual(parseRegistry(toRegistry(draft)), { ok: true, value: smallRegistry() });
  });
});

function withNote(note: string): Registry {
  const registry = smallRegistry();
  registry.features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 2, note };
  return registry;
}

function withHosts(count: number): Registry {
  const hosts: Registry['hosts'] = {};
  for (let i = 0; i < count; i++)
    hosts[`h${i}`] = { name: `Host ${i}`, class: 'lab', note: 'Im Keller, Raum 3' };
  return { ...smallRegistry(), hosts };
}
