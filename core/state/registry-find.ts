import { no, ok, type Result } from '../result.ts';
import { DRAFT_SHAPE, shapeUnder } from './draft-shape.ts';
import { COLLECTIONS, type Collection, parseRegistry, type Registry, SECTIONS } from './registry.ts';
import { scalarAt } from './registry-scalar.ts';

/** An entry that a search found, and the fields in which the text occurs. */
interface Found {
  readonly kind: Collection;
  readonly id: string;
  readonly entry: unknown;
  readonly fields: readonly string[];
}

/** Why an edit of a registry by path is refused. */
export type FindReason = 'bad-path' | 'not-found' | 'exists' | 'bad-value' | 'schema';

/** Entries of one kind, by id. */
export function listEntries(
  registry: Registry,
  kind: Collection,
): readonly (readonly [id: string, entry: unknown])[] {
  return Object.entries(registry[kind]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Entries in whose id or fields the text occurs, in any case; the empty text finds all. */
export function searchRegistry(registry: Registry, text: string, kind?: Collection): readonly Found[] {
  const wanted = text.toLowerCase();
  return (kind === undefined ? COLLECTIONS : [kind]).flatMap((of) =>
    listEntries(registry, of).flatMap(([id, entry]) => {
      const fields = Object.entries(entry as Record<string, unknown>)
        .filter(([, value]) => occurs(value, wanted))
        .map(([field]) => field);
      const named = id.includes(wanted);
      return named || fields.length > 0 ? [{ kind: of, id, entry, fields }] : [];
    }),
  );
}

/** What stands at a path such as `hosts`, `hosts/ws01` or `rules/r1/allow/people`. */
export function getPath(registry: Registry, path: string): Result<unknown, FindReason> {
  const parts = split(path);
  if (!parts.ok) return parts;
  let place: unknown = registry;
  for (const part of parts.value) {
    if (!isMap(place) || !Object.hasOwn(place, part)) return no('not-found', `nothing at ${path}`);
    place = place[part];
  }
  return ok(place);
}

/** A registry with one entry more, from `field=value` texts; `hosts/ws01` names it. */
export function addEntry(
  registry: Registry,
  path: string,
  fields: readonly string[],
): Result<Registry, FindReason> {
  const parts = split(path);
  if (!parts.ok) return parts;
  const [kind = '', id] = parts.value;
  if (id === undefined || parts.value.length !== 2 || !COLLECTIONS.some((one) => one === kind)) {
    return no(
      'bad-path',
      `expected an id in one of ${COLLECTIONS.join(', ')}, such as hosts/ws-01, came ${path}`,
    );
  }
  if (getPath(registry, path).ok) return no('exists', `${path} is there already`);
  return assign(withPlace(registry, parts.value, {}), parts.value, fields);
}

/** A registry with fields of an entry or section set: `seats=8`, `features=a,b`, `allow/people=ana`; `features+=c` and `features-=b` change a list. */
export function setField(
  registry: Registry,
  path: string,
  fields: readonly string[],
): Result<Registry, FindReason> {
  const parts = split(path);
  if (!parts.ok) return parts;
  const present = getPath(registry, path);
  if (!present.ok) return present;
  if (!isMap(present.value) || !isEntryPath(parts.value)) {
    return no('bad-path', `expected an entry such as hosts/ws-01, or ${SECTIONS.join(', ')}, came ${path}`);
  }
  return assign(registry, parts.value, fields);
}

/** A registry without an entry or an optional field. Whether others still refer to it is for compiling to say. */
export function removeEntry(registry: Registry, path: string): Result<Registry, FindReason> {
  const parts = split(path);
  if (!parts.ok) return parts;
  if (parts.value.length < 2) return no('bad-path', 'a whole section cannot be removed');
  const present = getPath(registry, path);
  if (!present.ok) return present;
  return checked(withPlace(registry, parts.value, undefined));
}

function assign(
  registry: unknown,
  at: readonly string[],
  fields: readonly string[],
): Result<Registry, FindReason> {
  let next = registry;
  for (const text of fields) {
    const match = /^([^=]+?)([+-]?)=(.*)$/s.exec(text);
    if (match === null) return no('bad-value', `expected field=value, such as seats=8, came ${text}`);
    const [, name = '', sign = '', value = ''] = match;
    const below = split(name);
    if (!below.ok) return below;
    const path = [...at, ...below.value];
    const read = valueFrom(next, path, sign, value);
    if (!read.ok) return read;
    next = withPlace(next, path, read.value);
  }
  return checked(next);
}

function valueFrom(
  registry: unknown,
  path: readonly string[],
  sign: string,
  text: string,
): Result<unknown, FindReason> {
  const name = path.join('/');
  const shape = path.reduce<ReturnType<typeof shapeUnder>>(shapeUnder, DRAFT_SHAPE);
  if (shape === 'set') {
    const given = text.split(',').flatMap((id) => (id.trim() === '' ? [] : [id.trim()]));
    if (sign === '') return ok(given);
    const present = placeAt(registry, path);
    const list: unknown[] = Array.isArray(present) ? present : [];
    return ok(sign === '+' ? [...list, ...given] : list.filter((id) => !given.includes(String(id))));
  }
  if (sign !== '') return no('bad-value', `${name} is no list, so expected ${path.at(-1)}=value`);
  if (typeof shape === 'object')
    return no(
      'bad-value',
      `${name} has fields of its own, so expected one of them, such as ${path.at(-1)}/${firstField(shape)}=value`,
    );
  const scalar = scalarAt(path);
  if (scalar === 'switch' && /^(true|false)$/.test(text)) return ok(text === 'true');
  // Where no number belongs, a name such as `2030` stays a text.
  return ok(scalar === 'number' && /^\d{1,15}$/.test(text) ? Number(text) : text);
}

function firstField(shape: object): string {
  return 'fields' in shape ? (Object.keys(shape.fields as object)[0] ?? 'field') : 'id';
}

/** Ids and field names; nothing that an object inherits by an unusual name. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

function checked(value: unknown): Result<Registry, FindReason> {
  return parseRegistry(value);
}

function withPlace(place: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const map = isMap(place) ? place : {};
  const below = withPlace(Object.hasOwn(map, key) ? map[key] : undefined, rest, value);
  const others = Object.entries(map).filter(([name]) => name !== key);
  return Object.fromEntries(below === undefined ? others : [...others, [key, below]]);
}

function placeAt(place: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (above, key) => (isMap(above) && Object.hasOwn(above, key) ? above[key] : undefined),
    place,
  );
}

function isEntryPath(path: readonly string[]): boolean {
  return path.length >= 2 || SECTIONS.some((section) => section === path[0]);
}

function split(path: string): Result<readonly string[], 'bad-path'> {
  const parts = path.split('/');
  const wellFormed = parts.every((part) => NAME.test(part));
  return wellFormed
    ? ok(parts)
    : no('bad-path', `expected names between slashes, such as hosts/ws-01, came ${path}`);
}

function occurs(value: unknown, wanted: string): boolean {
  if (isMap(value))
    return Object.entries(value).some(([key, part]) => key.includes(wanted) || occurs(part, wanted));
  if (Array.isArray(value)) return value.some((part) => occurs(part, wanted));
  return String(value).toLowerCase().includes(wanted);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
