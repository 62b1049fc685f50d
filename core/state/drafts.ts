import * as Y from 'yjs';
import { ok, type Result } from '../result.ts';
import type { LogId } from '../units.ts';
import { checkEdit, type DraftEdit, type DraftReason, type DraftView } from './draft-check.ts';
import { type DraftOperation, diffDraft } from './draft-diff.ts';
import { DRAFT_ROOTS, DRAFT_SHAPE, type Shape, shapeUnder } from './draft-shape.ts';
import { parseDraftUpdate } from './draft-update.ts';
import type { Registry } from './registry.ts';

export type { DraftEdit, DraftReason } from './draft-check.ts';

/** The registry as edited: a Yjs document that keeps its garbage. `admit` changes it in place. */
export interface Draft {
  readonly document: Y.Doc;
}

/** Bytes of one update that `setRegistry` makes, so that its record stays within 16 KiB. */
export const MAX_EDIT_BYTES = 12 * 1024;

/** Bytes of estimated cost in one update; the rest is for its header. */
const EDIT_BUDGET = MAX_EDIT_BYTES - 256;

/** A draft in which nothing has been written yet. */
export function emptyDraft(): Draft {
  const document = new Y.Doc({ gc: false, guid: 'draft' });
  document.clientID = 0;
  for (const root of DRAFT_ROOTS) document.getMap(root);
  return { document };
}

/** A draft of its own with the same content. */
export function cloneDraft(draft: Draft): Draft {
  const clone = emptyDraft();
  Y.applyUpdate(clone.document, draftBytes(draft));
  return clone;
}

/** The whole draft as one Yjs update; equal bytes follow from equal order of admission. */
export function draftBytes(draft: Draft): Uint8Array {
  return Y.encodeStateAsUpdate(draft.document);
}

/** How many units of each log the draft holds: the base of the next edit. */
export function draftState(draft: Draft): ReadonlyMap<LogId, number> {
  const state = Y.decodeStateVector(Y.encodeStateVector(draft.document)) as Map<LogId, number>;
  return new Map([...state].sort(([a], [b]) => a - b));
}

/** Admits one edit into the draft, or says why not and leaves the draft as it was. The verdict depends on the edit and its base only. */
export function admit(draft: Draft, edit: DraftEdit): Result<Draft, DraftReason> {
  const parsed = parseDraftUpdate(edit.update);
  if (!parsed.ok) return parsed;
  const checked = checkEdit(viewOf(draft.document), edit, parsed.value);
  if (!checked.ok) return checked;
  Y.applyUpdate(draft.document, edit.update);
  return ok(draft);
}

/** The registry that the draft spells, not validated: plain data with sorted keys, sets as sorted lists. */
export function toRegistry(draft: Draft): Record<string, unknown> {
  const sections = DRAFT_ROOTS.map(
    (root) => [root, project(draft.document.getMap(root), shapeUnder(DRAFT_SHAPE, root))] as const,
  );
  return Object.fromEntries(sections);
}

/** A field or an entry that two authors wrote without knowing of each other: whose stands, and what the other had put there (null for an entry). */
interface Contest {
  readonly path: readonly string[];
  readonly by: LogId;
  readonly over: LogId;
  readonly lost: unknown;
}

/** Every such place; whoever writes there and has seen both settles it. */
export function contestsIn(draft: Draft): readonly Contest[] {
  return DRAFT_ROOTS.flatMap((root) => contestsBelow(draft.document.getMap(root), [root]));
}

function contestsBelow(map: Y.Map<unknown>, at: readonly string[]): readonly Contest[] {
  return [...map._map].flatMap(([key, item]) => {
    const path = [...at, key];
    const value = map.get(key);
    const below = value instanceof Y.Map ? contestsBelow(value, path) : [];
    const { id, left, origin } = item;
    // An author names as origin what it saw there; what stands between that and its own came at the same time.
    const isContested = left !== null && left.id.client !== id.client && !Y.compareIDs(origin, left.lastId);
    if (!isContested || item.deleted) return below;
    const [last] = left.content.getContent().slice(-1);
    const lost = last instanceof Y.AbstractType ? null : last;
    const contest = { path, by: id.client as LogId, over: left.id.client as LogId, lost };
    return lost === value ? below : [contest, ...below];
  });
}

function project(value: unknown, shape: Shape | undefined): unknown {
  if (value instanceof Y.Text) return value.toString();
  if (!(value instanceof Y.Map)) return value;
  if (shape === 'set') return [...value.keys()].sort();
  const entries: [string, unknown][] = [];
  // Its iterators cost as much again as all else here.
  value.forEach((part, key) => {
    entries.push([key, project(part, shapeUnder(shape, key))]);
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The updates, in order, by which `author` makes the draft spell the wanted registry; the draft itself stays as it is.
 * Their common base is `draftState(draft)`. Only fields that differ are written; each update is at most MAX_EDIT_BYTES.
 */
export function setRegistry(draft: Draft, author: LogId, wanted: Registry): readonly Uint8Array[] {
  const operations = diffDraft(toRegistry(draft), wanted);
  if (operations.length === 0) return [];
  const { document } = cloneDraft(draft);
  document.clientID = author;
  const updates: Uint8Array[] = [];
  document.on('update', (update: Uint8Array) => updates.push(update));
  for (const batch of batches(operations)) {
    document.transact(() => {
      for (const operation of batch) perform(document, operation);
    });
  }
  return updates;
}

function batches(operations: readonly DraftOperation[]): DraftOperation[][] {
  const out: DraftOperation[][] = [];
  let left = 0;
  for (const operation of operations) {
    if (operation.cost > left || out.length === 0) {
      out.push([]);
      left = EDIT_BUDGET;
    }
    out[out.length - 1]?.push(operation);
    left -= operation.cost;
  }
  return out;
}

function perform(document: Y.Doc, operation: DraftOperation): void {
  if (operation.does === 'insert' || operation.does === 'delete') {
    const text = placeAt(document, operation.path);
    if (!(text instanceof Y.Text)) throw new Error(`no note at ${operation.path.join('.')}`);
    if (operation.does === 'insert') text.insert(operation.at, operation.text);
    else text.delete(operation.at, operation.length);
    return;
  }
  const map = placeAt(document, operation.path.slice(0, -1));
  const key = operation.path[operation.path.length - 1];
  if (!(map instanceof Y.Map) || key === undefined)
    throw new Error(`no map above ${operation.path.join('.')}`);
  if (operation.does === 'remove') map.delete(key);
  else if (operation.does === 'set') map.set(key, operation.value);
  else map.set(key, operation.as === 'map' ? new Y.Map() : new Y.Text());
}

function placeAt(document: Y.Doc, path: readonly string[]): unknown {
  const [root = '', ...rest] = path;
  return rest.reduce<unknown>(
    (place, key) => (place instanceof Y.Map ? place.get(key) : undefined),
    document.getMap(root),
  );
}

function viewOf(document: Y.Doc): DraftView {
  const { store } = document;
  return {
    units: (log) => Y.getState(store, log),
    // Every struct is an item: GC structs are never admitted, and none arise without garbage collection.
    item: (unit) => Y.getItem(store, Y.createID(unit.client, unit.clock)) as Y.Item,
    typeIn: (item) => {
      const { content } = item as Y.Item;
      return content instanceof Y.ContentType ? content.type : null;
    },
    root: (name) => document.getMap(name),
    isNote: (type) => type instanceof Y.Text,
  };
}
