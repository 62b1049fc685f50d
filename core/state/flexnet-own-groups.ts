import { hashOf } from '../wire/hash.ts';
import type { FlexnetEarlier } from './flexnet-fields.ts';
import type { Registry, RegistryRule } from './registry.ts';

type Groups = Registry['groups'];
type Group = Groups[string];

/** The side of a group that an options file can fill. */
export type Side = 'people' | 'hosts';

/** A group of an options file and whom it comes to. */
export interface FlexnetGroup {
  readonly id: string;
  readonly name: string;
  readonly side: Side;
  readonly members: ReadonlySet<string>;
}

/** The groups of a registry as an import of the same kind finds them. */
export interface OwnGroups {
  /** What such an import made and nobody changed since, by id. */
  readonly own: ReadonlyMap<string, Group>;
  /** What it made and a person changed since, by id. */
  readonly changed: ReadonlySet<string>;
  /** The ids of what it made of groups of this name, which is not all of the file's where that is too long. */
  idsOf(side: Side, name: string): readonly string[];
}

/** Tells the groups that an earlier import made from those of people, to whom one belongs that they have changed since. */
export function ownGroups(groups: Groups, by: string): OwnGroups {
  const made = Object.entries(groups).filter(([, { imported }]) => imported?.by === by);
  const own = new Map(made.filter(([, group]) => group.imported?.set === digestOf(group)));
  const ids = new Map<string, string[]>();
  for (const [id, group] of own) {
    const key = keyOf(sideOf(group), group.name);
    ids.set(key, [...(ids.get(key) ?? []), id]);
  }
  return {
    own,
    changed: new Set(made.flatMap(([id]) => (own.has(id) ? [] : [id]))),
    idsOf: (side, name) => ids.get(keyOf(side, name)) ?? [],
  };
}

/** The groups with those of a file in place of what an earlier import made, and what became of that; `rules` are those after it. */
export function withGroups(
  groups: Groups,
  { changed, own }: OwnGroups,
  made: readonly FlexnetGroup[],
  by: string,
  rules: Registry['rules'],
): { readonly groups: Groups; readonly earlier: readonly FlexnetEarlier[] } {
  const after: Groups = { ...groups };
  const earlier: FlexnetEarlier[] = [];
  const handOver = (id: string, why: string) => {
    const { imported: _, ...group } = groups[id] ?? { name: id };
    after[id] = group;
    earlier.push({ path: `groups/${id}`, outcome: 'kept', said: `${why}; it is nobody's import any more` });
  };
  for (const id of changed) handOver(id, 'it was changed since it was imported');
  const ids = new Set(made.map(({ id }) => id));
  for (const id of own.keys()) {
    if (ids.has(id)) continue;
    const by = Object.entries(rules).find(([, rule]) => names(rule, id));
    if (by !== undefined) {
      // Without it, who wrote the rule would find it naming nobody, or shutting nobody out.
      handOver(id, `no line makes it any more, but rules/${by[0]} names it`);
      continue;
    }
    delete after[id];
    const said = 'it was imported and no line makes it any more';
    earlier.push({ path: `groups/${id}`, outcome: 'taken-back', said });
  }
  for (const { id, members, name, side } of made) {
    const group: Group = { name, [side === 'people' ? 'members' : 'hosts']: [...members].sort() };
    after[id] = { ...group, imported: { by, set: digestOf(group) } };
  }
  return { groups: after, earlier };
}

function names({ allow, deny, for: whom }: RegistryRule, group: string): boolean {
  return [allow, deny, whom].some((selection) => selection?.groups?.includes(group) === true);
}

function keyOf(side: Side, name: string): string {
  return `${side} ${name}`;
}

function sideOf({ hosts }: Group): Side {
  return hosts === undefined ? 'people' : 'hosts';
}

/** A digest of all that a person can see of a group: members would be twice in the registry, and those who left it. */
function digestOf({ hosts = [], members = [], name, note = '' }: Group): string {
  return hashOf(new TextEncoder().encode(JSON.stringify([name, members, hosts, note])));
}
