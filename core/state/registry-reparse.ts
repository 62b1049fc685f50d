import { COLLECTIONS, parseRegistry, type Registry } from './registry.ts';
import { sameData } from './same-data.ts';

type Parsed = ReturnType<typeof parseRegistry>;
type Entries = Readonly<Record<string, unknown>>;

/**
 * Validates a registry as `parseRegistry` does, and takes from a valid one what has not changed since: a version mostly
 * changes one entry of many, and every host of the realm validates it.
 */
export function reparseRegistry(value: unknown, before: Registry | undefined): Parsed {
  if (before === undefined || !isEntries(value)) return parseRegistry(value);
  const unchanged = COLLECTIONS.map((name) => [name, unchangedIn(value[name], before[name])] as const);
  const changed = { ...value };
  for (const [name, kept] of unchanged) {
    if (kept.size > 0) changed[name] = without(value[name] as Entries, kept);
  }
  const parsed = parseRegistry(changed);
  if (!parsed.ok) return parsed;
  const whole: Record<string, unknown> = { ...parsed.value };
  for (const [name, kept] of unchanged) {
    const entries: Entries = parsed.value[name];
    const ids = Object.keys(isEntries(value[name]) ? value[name] : {});
    whole[name] = Object.fromEntries(ids.map((id) => [id, kept.get(id) ?? entries[id]]));
  }
  return { ok: true, value: whole as Registry };
}

function unchangedIn(entries: unknown, before: Entries): ReadonlyMap<string, unknown> {
  const kept = new Map<string, unknown>();
  if (!isEntries(entries)) return kept;
  for (const [id, entry] of Object.entries(entries)) {
    if (Object.hasOwn(before, id) && sameData(entry, before[id])) kept.set(id, before[id]);
  }
  return kept;
}

function without(entries: Entries, kept: ReadonlyMap<string, unknown>): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => !kept.has(id)));
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
