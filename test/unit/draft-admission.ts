import assert from 'node:assert/strict';
import * as Y from 'yjs';
import {
  admit,
  cloneDraft,
  type Draft,
  type DraftEdit,
  draftBytes,
  draftState,
  emptyDraft,
  toRegistry,
} from '../../core/state/drafts.ts';
import type { Registry } from '../../core/state/registry.ts';
import { fromHex } from '../../core/units.ts';
import { admitAll, editsTo, logId, smallRegistry } from '../support/registries.ts';
import { ANA, BO, written } from '../support/written-draft.ts';

/** What plain Yjs writes for a change made under this client id upon a copy of the draft. */
function rawUpdate(draft: Draft, client: number, change: (document: Y.Doc) => void): Uint8Array {
  const document = new Y.Doc({ gc: false });
  Y.applyUpdate(document, draftBytes(draft));
  document.clientID = client;
  const updates: Uint8Array[] = [];
  document.on('update', (update: Uint8Array) => updates.push(update));
  document.transact(() => change(document));
  const [update] = updates;
  assert(update !== undefined);
  return update;
}

function entry(document: Y.Doc, root: string, id: string): Y.Map<unknown> {
  return document.getMap(root).get(id) as Y.Map<unknown>;
}

function edit(draft: Draft, log: number, update: Uint8Array): DraftEdit {
  return { log: logId(log), update, base: draftState(draft) };
}

describe('admitting a draft update', () => {
  const good = (draft: Draft, client: number) =>
    rawUpdate(draft, client, (doc) => entry(doc, 'people', 'dee').set('name', 'Dee Dee'));

  it('takes what plain Yjs writes for a change of one field', () => {
    const draft = written();
    assert.equal(admit(draft, edit(draft, BO, good(draft, BO))).ok, true);
    assert.equal((toRegistry(draft) as Registry).people.dee?.name, 'Dee Dee');
  });

  it('takes an edit again only as a wrong clock', () => {
    const draft = written();
    const update = good(draft, BO);
    admit(draft, edit(draft, BO, update));
    refuses(draft, edit(draft, BO, update), 'wrong-clock');
  });

  const nested = (doc: Y.Doc, depth: number): void => {
    let map = entry(doc, 'people', 'dee');
    for (let i = 0; i < depth; i++) {
      const below = new Y.Map<unknown>();
      map.set('below', below);
      map = below;
    }
  };
  const cases: [why: string, reason: string, update: (draft: Draft) => Uint8Array][] = [
    ['another client id: an editor speaking for a colleague', 'foreign-client', (d) => good(d, 13)],
    ['a gap in the clock, which would stay pending', 'wrong-clock', (d) => rawAfter(d, 1)],
    ['a GC struct, which silences a peer', 'gc', () => fromHex(`0101${hexOf(BO)}0000${'05'}00`)],
    ['a Skip struct', 'skip', () => fromHex(`0101${hexOf(BO)}000a0500`)],
    ['an empty update', 'empty', () => fromHex('0000')],
    ['a trailing byte', 'malformed', (d) => Uint8Array.of(...good(d, BO), 0)],
    ['a cut end', 'malformed', (d) => good(d, BO).slice(0, -3)],
    ['more than a record holds', 'too-large', () => new Uint8Array(16 * 1024 + 1)],
    ['a longer integer than needed', 'malformed', (d) => Uint8Array.of(0x81, 0, ...good(d, BO).slice(1))],
    ['a subdocument', 'bad-content', (d) => put(d, new Y.Doc({ guid: 'sub' }))],
    ['an object, whose prototype its sender could choose', 'bad-content', (d) => put(d, { a: 1 })],
    ['a list', 'bad-content', (d) => put(d, ['a'])],
    ['a null', 'bad-content', (d) => put(d, null)],
    ['bytes', 'bad-content', (d) => put(d, Uint8Array.of(1))],
    ['a number that is none', 'bad-content', (d) => put(d, Number.NaN)],
    ['a minus zero', 'bad-content', (d) => put(d, -0)],
    ['an array type', 'bad-content', (d) => put(d, new Y.Array())],
    ['an XML type', 'bad-content', (d) => put(d, new Y.XmlElement('a'))],
    [
      'a map where a register belongs',
      'bad-content',
      (d) =>
        rawUpdate(d, BO, (doc) =>
          (entry(doc, 'people', 'ana').get('logs') as Y.Map<unknown>).set('11', new Y.Map()),
        ),
    ],
    ['a register where a note belongs', 'bad-content', (d) => put(d, 'plain', 'note')],
    [
      'anything but true in a set',
      'bad-content',
      (d) =>
        rawUpdate(d, BO, (doc) =>
          (entry(doc, 'groups', 'designers').get('members') as Y.Map<unknown>).set('cy', 'yes'),
        ),
    ],
    ['a key that objects inherit', 'bad-key', (d) => put(d, 'x', '__proto__')],
    ['a key of 65 characters', 'bad-key', (d) => put(d, 'x', 'k'.repeat(65))],
    [
      'an unknown root',
      'unknown-root',
      (d) => rawUpdate(d, BO, (doc) => doc.getMap('elsewhere').set('a', 1)),
    ],
    ['an element of a list in a map', 'bad-parent', () => listInMap()],
    ['formatting in a note', 'bad-content', (d) => inNote(d, (note) => note.format(0, 3, { bold: true }))],
    ['an embed in a note', 'bad-content', (d) => inNote(d, (note) => note.insertEmbed(0, { image: 'x' }))],
    ['nesting without end', 'too-deep', (d) => rawUpdate(d, BO, (doc) => nested(doc, 12))],
    [
      'making and unmaking in one update',
      'bad-delete',
      (d) =>
        rawUpdate(d, BO, (doc) => {
          entry(doc, 'people', 'dee').set('mail', 'a');
          entry(doc, 'people', 'dee').delete('mail');
        }),
    ],
    ['a deletion of what does not exist yet', 'bad-delete', () => fromHex(`0001${hexOf(ANA)}01ffff0301`)],
    ['a deletion of nothing', 'bad-delete', () => fromHex(`0001${hexOf(ANA)}010000`)],
  ];
  for (const [why, reason, update] of cases) {
    it(`refuses ${why}`, () => {
      const draft = written();
      refuses(draft, edit(draft, BO, update(draft)), reason);
    });
  }

  it('refuses what refers to more than its base, so that the verdict does not depend on arrival', () => {
    const draft = written();
    const update = good(draft, BO);
    refuses(draft, { log: BO, update, base: new Map() }, 'outside-base');
    const deletion = rawUpdate(draft, BO, (doc) => entry(doc, 'people', 'dee').delete('name'));
    refuses(draft, { log: BO, update: deletion, base: new Map() }, 'bad-delete');
  });

  it('asks for a base that has not arrived', () => {
    const draft = written();
    const late = edit(draft, BO, good(draft, BO));
    refuses(emptyDraft(), late, 'missing-base');
  });

  it('refuses a value that hides one which its author knew', () => {
    const draft = emptyDraft();
    const first = rawUpdate(draft, ANA, (doc) => doc.getMap('realm').set('name', 'A'));
    const rival = rawUpdate(draft, BO, (doc) => doc.getMap('realm').set('name', 'B'));
    admitAll(draft, [edit(draft, ANA, first)]);
    refuses(draft, edit(draft, BO, rival), 'bad-origin');
    assert.equal(admit(draft, { log: BO, update: rival, base: new Map() }).ok, true);
  });

  it('refuses two values for one key in one update, of which one would hide the other', () => {
    const twice = Uint8Array.of(...structs('realm', 'mail', 2), 0);
    refuses(emptyDraft(), { log: BO, update: twice, base: new Map() }, 'bad-origin');
    const once = Uint8Array.of(...structs('realm', 'mail', 1), 0);
    assert.equal(admit(emptyDraft(), { log: BO, update: once, base: new Map() }).ok, true);
  });

  it('refuses text between the neighbours of two notes, which would tie them together', () => {
    const draft = emptyDraft();
    const notes = smallRegistry();
    notes.features['ray-batch'] = {
      name: 'Batch tracing',
      software: 'raytracer',
      seats: 5,
      note: 'Nights only',
    };
    admitAll(draft, editsTo(draft, ANA, notes));
    const id = (feature: string) => {
      const { _start: start } = entry(draft.document, 'features', feature).get('note') as Y.Text;
      assert(start !== null);
      return start.id;
    };
    const [left, right] = [id('ray-batch'), id('ray-view')];
    const neighbours = [left.client, left.clock, right.client, right.clock].flatMap((n) => [
      ...fromHex(hexOf(n)),
    ]);
    const update = Uint8Array.of(1, 1, ...fromHex(hexOf(BO)), 0, 0xc4, ...neighbours, 1, 0x78, 0);
    refuses(draft, edit(draft, BO, update), 'bad-origin');
  });

  it('refuses text between neighbours that were never adjacent', () => {
    const draft = written();
    const update = inNote(draft, (note) => note.insert(3, 'x'));
    const at = [...update].findIndex((byte, i) => byte === 0xc4 && i > 5);
    const info = update.slice();
    // The right neighbour's clock is the last byte before the text: move it on by one.
    const right = at + 1 + 2 + 1;
    info[right] = (info[right] ?? 0) + 1;
    refuses(draft, edit(draft, BO, info), 'bad-origin');
  });

  function rawAfter(draft: Draft, units: number): Uint8Array {
    const ahead = cloneDraft(draft);
    for (let i = 0; i < units; i++) {
      const update = rawUpdate(ahead, BO, (doc) => entry(doc, 'people', 'dee').set(`f${i}`, i));
      admitAll(ahead, [edit(ahead, BO, update)]);
    }
    return good(ahead, BO);
  }

  function put(draft: Draft, value: unknown, key = 'mail'): Uint8Array {
    return rawUpdate(draft, BO, (doc) => entry(doc, 'people', 'dee').set(key, value));
  }

  function inNote(draft: Draft, change: (note: Y.Text) => void): Uint8Array {
    return rawUpdate(draft, BO, (doc) => change(entry(doc, 'features', 'ray-view').get('note') as Y.Text));
  }

  function listInMap(): Uint8Array {
    // One struct, any content, parent root "people", no key, one value `true`.
    return Uint8Array.of(
      1,
      1,
      ...fromHex(hexOf(BO)),
      0,
      8,
      1,
      6,
      ...new TextEncoder().encode('people'),
      1,
      120,
      0,
    );
  }
});

/** The first bytes of an update: so many structs, each with the value true under a key of a root. */
function structs(root: string, key: string, count: number): number[] {
  const named = (name: string) => [name.length, ...new TextEncoder().encode(name)];
  const one = [0x28, 1, ...named(root), ...named(key), 1, 120];
  return [1, count, ...fromHex(hexOf(BO)), 0, ...Array.from({ length: count }, () => one).flat()];
}

/** That the draft refuses the edit and stays, byte for byte, what it was. */
function refuses(draft: Draft, rejected: DraftEdit, reason: string): void {
  const before = draftBytes(draft);
  const verdict = admit(draft, rejected);
  assert.equal(verdict.ok ? 'admitted' : verdict.reason, reason);
  assert.deepEqual(draftBytes(draft), before);
  assert.equal(draft.document.store.pendingStructs, null);
  assert.equal(draft.document.store.pendingDs, null);
}

function hexOf(value: number): string {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
