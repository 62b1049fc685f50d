/**
 * The present registry with the change that somebody made to an earlier one: what they left as it was stays as it is now.
 * Lists of ids are taken whole from whoever changed them last.
 */
export function rebaseRegistry(was: unknown, wanted: unknown, present: unknown): unknown {
  if (!isMap(wanted) || !isMap(present)) return sameJson(was, wanted) ? present : wanted;
  const before = isMap(was) ? was : {};
  const keys = new Set([...Object.keys(present), ...Object.keys(wanted)]);
  const entries = [...keys].flatMap((key): [string, unknown][] => {
    const [old, mine, theirs] = [own(before, key), own(wanted, key), own(present, key)];
    if (mine === undefined) return old === undefined && theirs !== undefined ? [[key, theirs]] : [];
    // Removed by somebody else since, and not touched here: it stays removed.
    if (theirs === undefined && old !== undefined && sameJson(old, mine)) return [];
    return [[key, rebaseRegistry(old, mine, theirs)]];
  });
  return Object.fromEntries(entries);
}

type JsonMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (!isMap(a) || !isMap(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => sameJson(a[key], own(b, key)));
}
