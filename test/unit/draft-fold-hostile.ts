import assert from 'node:assert/strict';
import * as Y from 'yjs';
import { emptyFold, type FoldLimit, foldDrafts } from '../../core/state/draft-fold.ts';
import { cloneDraft, type DraftEdit, draftBytes, draftState, toRegistry } from '../../core/state/drafts.ts';
import { ledgerOf } from '../support/draft-ledger.ts';
import { admitAll, editsTo, logId, smallRegistry } from '../support/registries.ts';

const ANA = logId(11);
const BO = logId(12);
const ALL: FoldLimit = () => Number.POSITIVE_INFINITY;

describe('folding what an editor should not write', () => {
  const draft = emptyFold().draft;
  const honest = editsTo(draft, ANA, smallRegistry());
  admitAll(draft, honest);
  const after = editsTo(draft, ANA, { ...smallRegistry(), realm: { name: 'After' } });

  /** An edit of Bo's that plain Yjs writes upon the small registry, as whatever client. */
  function raw(change: (document: Y.Doc) => void, client: number = BO): DraftEdit {
    const { document } = cloneDraft(draft);
    document.clientID = client;
    let update = new Uint8Array(0);
    document.on('update', (bytes: Uint8Array) => {
      update = new Uint8Array(bytes);
    });
    document.transact(() => change(document));
    return { log: BO, update, base: draftState(draft) };
  }

  const map = (document: Y.Doc, root: string) => document.getMap<unknown>(root);
  const nested = (levels: number): Y.Map<unknown> => {
    const out = new Y.Map<unknown>();
    if (levels > 0) out.set('a', nested(levels - 1));
    return out;
  };
  const bytesOf = (...bytes: number[]): DraftEdit => ({
    log: BO,
    update: Uint8Array.from(bytes),
    base: new Map(),
  });

  const hostile: readonly [why: string, edit: DraftEdit][] = [
    ['no bytes', bytesOf()],
    ['bytes that are no update', bytesOf(9, 9, 9, 9)],
    [
      'an update cut short',
      {
        ...raw((d) => map(d, 'realm').set('name', 'x')),
        update: raw((d) => map(d, 'realm').set('name', 'x')).update.subarray(0, 8),
      },
    ],
    ['an update under a colleague’s id', raw((d) => map(d, 'realm').set('name', 'x'), ANA)],
    ['an update under nobody’s id', raw((d) => map(d, 'realm').set('name', 'x'), 777)],
    ['a GC struct', bytesOf(1, 1, BO, 0, 0, 5, 0)],
    ['a Skip struct', bytesOf(1, 1, BO, 0, 10, 5, 0)],
    ['a root that the registry has not', raw((d) => map(d, '__proto__').set('a', 1))],
    ['a text in place of a root', raw((d) => void d.getText('people-notes').insert(0, 'x'))],
    ['a number where a map stands', raw((d) => map(d, 'people').set('eve', 7))],
    [
      'a map where a note stands',
      raw((d) => (map(d, 'software').get('raytracer') as Y.Map<unknown>).set('note', new Y.Map())),
    ],
    [
      'an object, with a prototype of its own',
      raw((d) => map(d, 'realm').set('name', JSON.parse('{"__proto__":{"a":1}}'))),
    ],
    ['an array as a value', raw((d) => map(d, 'realm').set('name', [[[[1]]]]))],
    ['bytes as a value', raw((d) => map(d, 'realm').set('name', new Uint8Array(3)))],
    ['a document inside', raw((d) => map(d, 'realm').set('name', new Y.Doc()))],
    ['maps nested a hundred deep', raw((d) => map(d, 'people').set('eve', nested(100)))],
    ['something over the bound', raw((d) => map(d, 'realm').set('name', 'x'.repeat(17_000)))],
    [
      'a false member of a set',
      raw((d) =>
        (map(d, 'groups').get('designers') as Y.Map<Y.Map<unknown>>).get('members')?.set('eve', false),
      ),
    ],
  ];
  for (const [why, edit] of hostile) {
    it(`passes by ${why}, which changes nothing and stands in nobody’s way`, () => {
      const fold = emptyFold();
      const ledger = ledgerOf({ [ANA]: honest, [BO]: [edit] });
      foldDrafts(fold, ledger, [ANA], ALL);
      const before = draftBytes(fold.draft);
      assert.equal(foldDrafts(fold, ledger, [ANA, BO], ALL), false);
      assert.deepEqual(draftBytes(fold.draft), before);
      assert.equal(fold.cursors.get(BO), 1);
      assert.equal(
        foldDrafts(fold, ledgerOf({ [ANA]: [...honest, ...after], [BO]: [edit] }), [ANA, BO], ALL),
        true,
      );
      assert.deepEqual(toRegistry(fold.draft).realm, { name: 'After' });
    });
  }

  it('lets an entry be called after what every object has, and gives nobody a prototype', () => {
    const edit = raw((document) => {
      const entry = new Y.Map<unknown>();
      entry.set('name', 'Mallory');
      map(document, 'people').set('__proto__', entry);
    });
    const fold = emptyFold();
    foldDrafts(fold, ledgerOf({ [ANA]: honest, [BO]: [edit] }), [ANA, BO], ALL);
    const people = toRegistry(fold.draft).people as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(people), Object.prototype);
    assert.equal('name' in {}, false);
    assert.equal((people as { name?: unknown }).name, undefined);
  });

  it('does not take an edit twice', () => {
    const edit = raw((document) => map(document, 'realm').set('name', 'Bo’s lab'));
    const fold = emptyFold();
    foldDrafts(fold, ledgerOf({ [ANA]: honest, [BO]: [edit, edit] }), [ANA, BO], ALL);
    const once = emptyFold();
    foldDrafts(once, ledgerOf({ [ANA]: honest, [BO]: [edit] }), [ANA, BO], ALL);
    assert.deepEqual(draftBytes(fold.draft), draftBytes(once.draft));
    assert.equal(fold.cursors.get(BO), 2);
  });
});
