import { entryOf, type Registry, type RegistryPerson } from './registry.ts';
import { MAX_NAME } from './registry-schema.ts';

/** What the names of an options file mean in a registry. */
export interface Names {
  feature(name: string): string | null;
  person(name: string, anyCase: boolean): string | null;
  host(name: string, anyCase: boolean): string | null;
  /** People that were made because no entry had their name. */
  readonly made: ReadonlyMap<string, RegistryPerson>;
}

/**
 * Resolves names by id, then by the name shown where only one entry has it; features and, where the file says so, people
 * and hosts in any case. With `create` an unknown person becomes an entry of that name.
 */
export function namesIn(registry: Registry, create: boolean): Names {
  const features = index(registry.features);
  const people = index(registry.people);
  const hosts = index(registry.hosts);
  const made = new Map<string, RegistryPerson>();
  const makePerson = (name: string): string | null => {
    if (!create || name.length > MAX_NAME) return null;
    const id = freeId(
      name,
      (one) =>
        made.has(one) ||
        entryOf(registry.people, one) !== undefined ||
        entryOf(registry.hosts, one) !== undefined,
    );
    if (id === null) return null;
    made.set(id, { name });
    people.exact.set(name, id);
    people.folded.set(name.toLowerCase(), id);
    return id;
  };
  return {
    made,
    feature: (name) => find(features, name, true),
    person: (name, anyCase) => find(people, name, anyCase) ?? makePerson(name),
    host: (name, anyCase) => find(hosts, name, anyCase),
  };
}

interface Index {
  readonly exact: Map<string, string>;
  readonly folded: Map<string, string>;
}

function index(entries: Readonly<Record<string, { readonly name: string }>>): Index {
  const exact = new Map<string, string>();
  const folded = new Map<string, string>();
  const byName = new Map<string, number>();
  // First, so that in any case, too, an id is itself before it is somebody's name.
  for (const id of Object.keys(entries)) exact.set(id, id);
  for (const { name } of Object.values(entries)) byName.set(name, (byName.get(name) ?? 0) + 1);
  for (const [id, { name }] of Object.entries(entries)) {
    // The attack: somebody whose shown name is another's id would get what a file gives that one.
    if (byName.get(name) === 1 && !Object.hasOwn(entries, name)) exact.set(name, id);
  }
  for (const [name, id] of exact) if (!folded.has(name.toLowerCase())) folded.set(name.toLowerCase(), id);
  return { exact, folded };
}

function find({ exact, folded }: Index, name: string, anyCase: boolean): string | null {
  return exact.get(name) ?? (anyCase ? folded.get(name.toLowerCase()) : undefined) ?? null;
}

/** An id made of a name that is not taken; null for a name without letters or digits. */
export function freeId(name: string, isTaken: (id: string) => boolean): string | null {
  const base = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 56);
  if (base === '') return null;
  for (let n = 1; n < 1000; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!isTaken(id)) return id;
  }
  return null;
}
