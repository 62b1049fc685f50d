import { no, ok, type Result } from '../result.ts';
import type { LogId } from '../units.ts';
import { DRAFT_ROOTS, DRAFT_SHAPE, fits, type Shape, shapeUnder } from './draft-shape.ts';
import type { DraftFormReason, DraftStruct, DraftUpdate, UnitId } from './draft-update.ts';

/** A Yjs update as a `draft` record carries it: who made it, and the state (log → units) that its author had before it. */
export interface DraftEdit {
  readonly log: LogId;
  readonly update: Uint8Array;
  /** The entry of the author's own log is not looked at: one's own units are contiguous anyway. */
  readonly base: ReadonlyMap<LogId, number>;
}

/** Why an edit is not admitted. `missing-base` alone may change when more arrives; every other verdict is for good. */
export type DraftReason =
  | DraftFormReason
  | 'missing-base'
  | 'wrong-clock'
  | 'outside-base'
  | 'unknown-root'
  | 'bad-parent'
  | 'bad-origin'
  | 'too-deep';

/** Levels of maps below a root. */
const MAX_DEPTH = 5;

/** An item of the document, of which Yjs's own is one. */
interface ListItem {
  readonly id: UnitId;
  readonly length: number;
  readonly left: ListItem | null;
  readonly right: ListItem | null;
  readonly parent: unknown;
  readonly parentSub: string | null;
}

/** A map or a text of the document, of which Yjs's own is one. */
interface ListType {
  readonly _item: ListItem | null;
  readonly _map: ReadonlyMap<string, ListItem>;
  readonly _start: ListItem | null;
}

/** What a check has to see of a document; `item` is asked for units below `units` only. */
export interface DraftView {
  units(log: number): number;
  item(unit: UnitId): ListItem;
  typeIn(item: ListItem): ListType | null;
  root(name: (typeof DRAFT_ROOTS)[number]): ListType;
  isNote(type: ListType): boolean;
}

/** Whether an edit is what an honest editor would have written upon its base, found out before anything is applied. */
export function checkEdit(view: DraftView, edit: DraftEdit, update: DraftUpdate): Result<null, DraftReason> {
  return new Check(view, edit, update).refusal() ?? ok(null);
}

/** A type of the document, or one that the update itself makes. */
interface Place {
  readonly name: string;
  readonly type: ListType | null;
  readonly kind: 'map' | 'note';
  readonly depth: number;
  readonly shape: Shape | undefined;
}

type Refusal = { readonly ok: false; readonly reason: DraftReason; readonly detail?: string };

class Check {
  private readonly view: DraftView;
  private readonly edit: DraftEdit;
  private readonly update: DraftUpdate;
  private readonly start: number;
  private readonly made = new Map<number, Place>();
  private readonly taken = new Set<string>();

  constructor(view: DraftView, edit: DraftEdit, update: DraftUpdate) {
    this.view = view;
    this.edit = edit;
    this.update = update;
    this.start = view.units(edit.log);
  }

  refusal(): Refusal | null {
    const { client, clock } = this.update;
    // Writing under another's id would let an editor speak for a colleague, or silence it for good.
    if (client !== null && client !== this.edit.log) return no('foreign-client', `${client}`);
    for (const [log, units] of this.edit.base) {
      if (log !== this.edit.log && units > this.view.units(log)) {
        return no('missing-base', `${units} units of log ${log}`);
      }
    }
    // Below: already there. Above: Yjs would keep the update pending for ever.
    if (client !== null && clock !== this.start) {
      return no('wrong-clock', `expected ${this.start}, came ${clock}`);
    }
    for (const struct of this.update.structs) {
      const refused = this.struct(struct);
      if (refused !== null) return refused;
    }
    for (const { client: of, clock: at, length } of this.update.deletions) {
      // A range beyond the base would wait in the document and delete what somebody writes later.
      if (!this.inBase({ client: of, clock: at + length - 1 }))
        return no('bad-delete', `${of}:${at}+${length}`);
    }
    return null;
  }

  private struct(struct: DraftStruct): Refusal | null {
    const at = struct.parent === null ? this.beside(struct) : this.below(struct);
    if ('ok' in at) return at;
    const { place, key } = at;
    const slot = `${place.name}/${key ?? (struct.left === null ? '' : `${struct.left.client}:${struct.left.clock}`)}`;
    if (this.taken.has(slot)) return no('bad-origin', `${slot} twice in one update`);
    this.taken.add(slot);
    if (struct.keyed !== (key !== null)) return no('bad-parent', 'key given and not, or not and given');
    if ((place.kind === 'note') !== (key === null))
      return no('bad-parent', `${place.kind} with such a child`);
    const { content } = struct;
    if ((place.kind === 'note') !== (content.kind === 'text')) return no('bad-content', content.kind);
    if (key === null || content.kind === 'text') return null;
    const shape = shapeUnder(place.shape, key);
    if (!fits(shape, content.kind)) return no('bad-content', `${content.kind} at ${place.name}/${key}`);
    if (place.shape === 'set' && (content.kind !== 'value' || content.value !== true)) {
      return no('bad-content', `a set holds true only, at ${place.name}/${key}`);
    }
    if (content.kind === 'value') return null;
    // Depth is bounded so that no recursion over the document can be driven off the stack.
    if (place.depth >= MAX_DEPTH) return no('too-deep', `${place.name}/${key}`);
    const name = `${this.edit.log}:${struct.clock}`;
    this.made.set(struct.clock, { name, type: null, kind: content.kind, depth: place.depth + 1, shape });
    return null;
  }

  /** The place of a struct that names its parent: the first there, as far as its author knew. */
  private below(struct: DraftStruct): { place: Place; key: string | null } | Refusal {
    const { parent, key } = struct;
    if (parent === null) return no('bad-parent');
    if (typeof parent === 'string') {
      const root = DRAFT_ROOTS.find((name) => name === parent);
      if (root === undefined) return no('unknown-root', parent.slice(0, 80));
      return this.placed(this.placeOf(this.view.root(root)), key, null, null);
    }
    const fresh = parent.client === this.edit.log ? this.made.get(parent.clock) : undefined;
    if (fresh !== undefined) return { place: fresh, key };
    if (!this.inBase(parent)) return no('outside-base', `parent ${parent.client}:${parent.clock}`);
    const type = this.view.typeIn(this.view.item(parent));
    if (type === null) return no('bad-parent', 'the parent holds no children');
    return this.placed(this.placeOf(type), key, null, null);
  }

  /** The place of a struct that names its neighbours: both in one list, and nothing that its author knew between them. */
  private beside(struct: DraftStruct): { place: Place; key: string | null } | Refusal {
    const { left, right } = struct;
    for (const unit of [left, right]) {
      if (unit !== null && !this.inBase(unit))
        return no('outside-base', `neighbour ${unit.client}:${unit.clock}`);
    }
    const one = left ?? right;
    if (one === null) return no('bad-origin');
    const item = this.view.item(one);
    return this.placed(this.placeOf(item.parent as ListType), item.parentSub, left, right);
  }

  private placed(
    place: Place,
    key: string | null,
    left: UnitId | null,
    right: UnitId | null,
  ): { place: Place; key: string | null } | Refusal {
    // Neighbours that were never adjacent make the order depend on the order of arrival; in two lists, Yjs would tie these together.
    const next = this.after(place, key, left);
    const adjacent = next === null ? right === null : right !== null && sameUnit(next, right);
    return adjacent ? { place, key } : no('bad-origin', 'not adjacent in the base');
  }

  /** The unit of the base that follows `left` (null: the first) in a list or under a key. */
  private after(place: Place, key: string | null, left: UnitId | null): UnitId | null {
    let item: ListItem | null;
    if (left !== null) {
      const holder = this.view.item(left);
      const next = { client: left.client, clock: left.clock + 1 };
      if (next.clock < holder.id.clock + holder.length && this.inBase(next)) return next;
      item = holder.right;
    } else item = firstOf(place.type, key);
    while (item !== null && !this.inBase(item.id)) item = item.right;
    return item === null ? null : item.id;
  }

  private placeOf(type: ListType): Place {
    const names: string[] = [];
    let above = type;
    for (let item = above._item; item !== null; item = above._item) {
      names.unshift(item.parentSub ?? '');
      above = item.parent as ListType;
    }
    const root = DRAFT_ROOTS.find((name) => this.view.root(name) === above) ?? '';
    const shape = [root, ...names].reduce<Shape | undefined>(shapeUnder, DRAFT_SHAPE);
    const own = type._item;
    const name = own === null ? root : `${own.id.client}:${own.id.clock}`;
    return { name, type, kind: this.view.isNote(type) ? 'note' : 'map', depth: names.length, shape };
  }

  private inBase(unit: UnitId): boolean {
    const known =
      unit.client === this.edit.log ? this.start : (this.edit.base.get(unit.client as LogId) ?? 0);
    return unit.clock < known;
  }
}

function firstOf(type: ListType | null, key: string | null): ListItem | null {
  if (type === null) return null;
  if (key === null) return type._start;
  let item = type._map.get(key) ?? null;
  while (item?.left) item = item.left;
  return item;
}

function sameUnit(a: UnitId, b: UnitId): boolean {
  return a.client === b.client && a.clock === b.clock;
}
