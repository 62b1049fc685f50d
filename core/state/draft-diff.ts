import { DRAFT_SHAPE, type Shape, shapeUnder } from './draft-shape.ts';

/** Where in the registry: names from the root down. */
type DraftPath = readonly string[];

/** One change of the draft document; `cost` bounds from above the bytes that it adds to an update. */
export type DraftOperation = { readonly path: DraftPath; readonly cost: number } & (
  | { readonly does: 'set'; readonly value: string | number | boolean }
  | { readonly does: 'make'; readonly as: 'map' | 'note' }
  | { readonly does: 'remove' }
  | { readonly does: 'insert'; readonly at: number; readonly text: string }
  | { readonly does: 'delete'; readonly at: number; readonly length: number }
);

/** Bytes of a struct beside its key and content: info, two neighbours or a parent, lengths and tags. */
const STRUCT_BYTES = 28;
/** Bytes of one range in a delete set, a client of its own included. */
const RANGE_BYTES = 16;
/** Characters of a note that one operation inserts (3 bytes each at most). */
const INSERT_PIECE = 2000;
/** Characters that one operation deletes; each may have another author and so a range of its own. */
const DELETE_PIECE = 256;
/** What a single removal may cost before it is taken apart. */
const REMOVE_BYTES = 4096;

/** The changes, in order, that make the present projection of a draft the wanted registry. Deterministic. */
export function diffDraft(present: unknown, wanted: unknown): readonly DraftOperation[] {
  const out: DraftOperation[] = [];
  diffMap(out, [], DRAFT_SHAPE, record(present), record(wanted));
  return out;
}

function diffMap(
  out: DraftOperation[],
  path: DraftPath,
  shape: Shape | undefined,
  present: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): void {
  for (const key of Object.keys({ ...present, ...wanted }).sort()) {
    const was = Object.hasOwn(present, key) ? present[key] : undefined;
    const is = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
    diffPlace(out, [...path, key], shapeUnder(shape, key) ?? 'value', was, is);
  }
}

function diffPlace(out: DraftOperation[], path: DraftPath, shape: Shape, was: unknown, is: unknown): void {
  if (is === undefined) {
    if (was !== undefined && path.length > 1) remove(out, path, shape, was);
  } else if (shape === 'value') {
    if (was === is) return;
    if (was !== undefined) remove(out, path, shape, was);
    const value = is as string | number | boolean;
    out.push({ does: 'set', path, value, cost: STRUCT_BYTES + last(path).length + bytesOf(value) });
  } else if (shape === 'note') {
    if (was === undefined) make(out, path, 'note');
    diffText(out, path, typeof was === 'string' ? was : '', String(is));
  } else {
    if (was === undefined && path.length > 1) make(out, path, 'map');
    if (shape === 'set') diffMap(out, path, shape, members(was), members(is));
    else diffMap(out, path, shape, record(was), record(is));
  }
}

function diffText(out: DraftOperation[], path: DraftPath, was: string, is: string): void {
  if (was === is) return;
  const least = Math.min(was.length, is.length);
  let start = 0;
  while (start < least && was.charCodeAt(start) === is.charCodeAt(start)) start++;
  // Half a surrogate pair must not be kept: Yjs replaces a pair that an edit splits.
  if (start > 0 && isHighSurrogate(was, start - 1)) start--;
  let tail = 0;
  while (
    tail < least - start &&
    was.charCodeAt(was.length - 1 - tail) === is.charCodeAt(is.length - 1 - tail)
  ) {
    tail++;
  }
  if (tail > 0 && isLowSurrogate(was, was.length - tail)) tail--;
  deleteText(out, path, was.slice(0, was.length - tail), start);
  let at = start;
  for (const text of pieces(is.slice(start, is.length - tail), INSERT_PIECE)) {
    out.push({ does: 'insert', path, at, text, cost: STRUCT_BYTES + bytesOf(text) });
    at += text.length;
  }
}

function deleteText(out: DraftOperation[], path: DraftPath, text: string, at: number): void {
  for (const piece of pieces(text.slice(at), DELETE_PIECE)) {
    out.push({ does: 'delete', path, at, length: piece.length, cost: RANGE_BYTES * piece.length });
  }
}

/** Removes a place; one that could make too large a delete set is emptied in steps first. */
function remove(out: DraftOperation[], path: DraftPath, shape: Shape, was: unknown): void {
  const cost = RANGE_BYTES * atoms(shape, was);
  if (cost > REMOVE_BYTES) {
    if (shape === 'note' && typeof was === 'string') {
      deleteText(out, path, was, 0);
      out.push({ does: 'remove', path, cost: RANGE_BYTES });
      return;
    }
    const parts = shape === 'set' ? members(was) : record(was);
    for (const key of Object.keys(parts).sort()) {
      remove(out, [...path, key], shapeUnder(shape, key) ?? 'value', parts[key]);
    }
    out.push({ does: 'remove', path, cost: RANGE_BYTES });
  } else out.push({ does: 'remove', path, cost });
}

/** Units that a place may consist of, at most: a register is one, each character of a note may be one. */
function atoms(shape: Shape | undefined, value: unknown): number {
  if (typeof value === 'string') return shape === 'value' ? 1 : 1 + value.length;
  if (Array.isArray(value)) return 1 + value.length;
  if (value === null || typeof value !== 'object') return 1;
  return Object.entries(value).reduce((sum, [key, part]) => sum + atoms(shapeUnder(shape, key), part), 1);
}

function make(out: DraftOperation[], path: DraftPath, as: 'map' | 'note'): void {
  out.push({ does: 'make', path, as, cost: STRUCT_BYTES + last(path).length });
}

function pieces(text: string, length: number): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + length, text.length);
    if (end < text.length && isHighSurrogate(text, end - 1)) end--;
    out.push(text.slice(at, end));
    at = end;
  }
  return out;
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

function bytesOf(value: string | number | boolean): number {
  if (typeof value !== 'string') return 10;
  let bytes = 4;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isHighSurrogate(value, i) || isLowSurrogate(value, i) ? 2 : 3;
  }
  return bytes;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return Array.isArray(value) ? Object.fromEntries(value.map((id) => [String(id), true])) : {};
}

function last(path: DraftPath): string {
  return path[path.length - 1] ?? '';
}
