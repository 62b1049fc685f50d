import type { Registry, RegistryRule, RegistrySelection } from './registry.ts';

/** Whom lines of one kind name: people and hosts as listed, groups by id with all that they come to. */
export interface Named {
  readonly line: number;
  readonly people: Set<string>;
  readonly hosts: Set<string>;
  readonly peopleGroups: Map<string, ReadonlySet<string>>;
  readonly hostGroups: Map<string, ReadonlySet<string>>;
}

/** Nobody yet; `line` is the first that will name somebody. */
export function named(line: number): Named {
  return { line, people: new Set(), hosts: new Set(), peopleGroups: new Map(), hostGroups: new Map() };
}

/** Adds to whom lines of one kind name, of a feature or of all. */
export function merge<K>(all: Map<K, Named>, feature: K, of: Named): void {
  const into = all.get(feature) ?? of;
  all.set(feature, into);
  for (const side of ['people', 'hosts'] as const) for (const id of of[side]) into[side].add(id);
  for (const side of ['peopleGroups', 'hostGroups'] as const) {
    for (const [id, members] of of[side]) into[side].set(id, members);
  }
}

type Target = Pick<RegistryRule, 'feature' | 'block'>;
type Rules = Registry['rules'];

/** The rule that shuts all of them out. */
export function denying(prefix: string, target: Target, of: Named): Rules {
  const deny = { ...peopleSide(of), ...hostsSide(of) };
  const groups = [...of.peopleGroups.keys(), ...of.hostGroups.keys()];
  return {
    [`${prefix}line-${of.line}`]: { ...target, deny: { ...deny, ...(groups.length > 0 ? { groups } : {}) } },
  };
}

/** A rule about nobody known, which is refused when it is published: whom a line lets in or shuts out must be said before. */
export function unsaid(prefix: string, target: Target, line: number, side: 'allow' | 'deny'): Rules {
  return { [`${prefix}line-${line}`]: { ...target, [side]: { people: [] } } };
}

/** The rules that let any of them in: what names people and what names hosts are rules of their own, since one rule with both means both. */
export function allowing(prefix: string, target: Target, of: Named): Rules {
  const rules: Rules = {};
  const id = `${prefix}line-${of.line}`;
  if (size(of) === 0) return unsaid(prefix, target, of.line, 'allow');
  if (of.people.size + of.peopleGroups.size > 0) rules[id] = { ...target, allow: peopleSide(of) };
  if (of.hosts.size + of.hostGroups.size > 0) rules[`${id}-hosts`] = { ...target, allow: hostsSide(of) };
  return rules;
}

/** The rules that let in who is among both: a file's INCLUDEALL and INCLUDE must each be met, while rules here add up. */
export function allowingBoth(prefix: string, target: Target, of: Named, all: Named): Rules {
  const id = `${prefix}line-${of.line}`;
  const [people, hosts] = [everybody(of.people, of.peopleGroups), everybody(of.hosts, of.hostGroups)];
  const [allPeople, allHosts] = [
    everybody(all.people, all.peopleGroups),
    everybody(all.hosts, all.hostGroups),
  ];
  const combinations: [suffix: string, allow: RegistrySelection][] = [
    ['', { people: common(people, allPeople) }],
    ['-on-hosts', { people, hosts: allHosts }],
    ['-hosts', { hosts: common(hosts, allHosts) }],
    ['-hosts-by', { people: allPeople, hosts }],
  ];
  const met = combinations.filter(([, allow]) =>
    Object.values(allow).every((ids) => ids === undefined || ids.length > 0),
  );
  if (met.length === 0) return unsaid(prefix, target, of.line, 'allow');
  return Object.fromEntries(met.map(([suffix, allow]) => [`${id}${suffix}`, { ...target, allow }]));
}

function size({ hostGroups, hosts, people, peopleGroups }: Named): number {
  return people.size + hosts.size + peopleGroups.size + hostGroups.size;
}

/** The selection of its people. */
export function peopleSide({ people, peopleGroups }: Named): RegistrySelection {
  return { ...list('people', people), ...list('groups', peopleGroups.keys()) };
}

/** The selection of its hosts. */
export function hostsSide({ hostGroups, hosts }: Named): RegistrySelection {
  return { ...list('hosts', hosts), ...list('groups', hostGroups.keys()) };
}

function list(name: keyof RegistrySelection, ids: Iterable<string>): RegistrySelection {
  const all = [...ids].sort();
  return all.length === 0 ? {} : { [name]: all };
}

function everybody(ids: ReadonlySet<string>, groups: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...new Set([...ids, ...[...groups.values()].flatMap((members) => [...members])])].sort();
}

function common(a: readonly string[], b: readonly string[]): string[] {
  const of = new Set(b);
  return a.filter((id) => of.has(id));
}
