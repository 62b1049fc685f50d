import { no, ok, type Result } from '../result.ts';
import { sameData } from './same-data.ts';

/** A change of a registry without what it leaves as it is: `rebaseRegistry(was, registry, present)` makes it. */
export interface RegistryEdit {
  readonly was: Part;
  readonly registry: Part;
}

type Part = Readonly<Record<string, unknown>>;

/** Bytes around an entry in the JSON of an edit, twice its section's name among them. */
const ENTRY_OVERHEAD = 64;
const ENCODER = new TextEncoder();

/**
 * The edits that make one registry of another, in turn, each of whole entries and so of good form where these are;
 * none is more than `maxBytes` in JSON. An entry that changes is in its edit as it was and as it is to be.
 */
export function registryPortions(
  before: Part,
  after: Part,
  maxBytes: number,
): Result<readonly RegistryEdit[], 'too-large'> {
  const portions: Piece[][] = [];
  let left = 0;
  for (const piece of pieces(before, after)) {
    const cost = ENTRY_OVERHEAD + ENCODER.encode(JSON.stringify(piece)).length;
    if (cost > maxBytes) {
      const [section, id] = piece;
      const path = id === null ? section : `${section}/${id}`;
      return no('too-large', `expected at most ${maxBytes} bytes for ${path} as it was and is, came ${cost}`);
    }
    if (cost > left) {
      portions.push([]);
      left = maxBytes;
    }
    portions[portions.length - 1]?.push(piece);
    left -= cost;
  }
  return ok(portions.map((portion) => ({ was: partOf(portion, 2), registry: partOf(portion, 3) })));
}

/** An entry, or a section that is no map of entries, as it was and as it is to be; undefined where it is not. */
type Piece = readonly [section: string, id: string | null, was: unknown, is: unknown];

function pieces(before: Part, after: Part): readonly Piece[] {
  return keysOf(before, after).flatMap((section): readonly Piece[] => {
    const [was, is] = [own(before, section), own(after, section)];
    if (!isMap(was) || !isMap(is)) return sameData(was, is) ? [] : [[section, null, was, is]];
    return keysOf(was, is).flatMap((id): readonly Piece[] => {
      const [old, young] = [own(was, id), own(is, id)];
      return sameData(old, young) ? [] : [[section, id, old, young]];
    });
  });
}

function partOf(portion: readonly Piece[], side: 2 | 3): Part {
  const sections = new Map<string, unknown>();
  const entries = new Map<string, [id: string, entry: unknown][]>();
  for (const piece of portion) {
    const [section, id] = piece;
    const value = piece[side];
    if (id === null) {
      if (value !== undefined) sections.set(section, value);
      continue;
    }
    // The section is named though nothing of it is left, or all of it would go.
    const known = entries.get(section) ?? [];
    entries.set(section, known);
    if (value !== undefined) known.push([id, value]);
  }
  for (const [section, known] of entries) sections.set(section, Object.fromEntries(known));
  return Object.fromEntries(sections);
}

function keysOf(a: Part, b: Part): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isMap(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(map: Part, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
