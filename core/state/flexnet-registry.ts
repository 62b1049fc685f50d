import { allowing, allowingBoth, denying, type Named, unsaid } from './flexnet-access.ts';
import { type AskedFields, type FlexnetEarlier, withFields } from './flexnet-fields.ts';
import type { FlexnetGroups } from './flexnet-groups.ts';
import type { Names } from './flexnet-names.ts';
import { type OwnGroups, withGroups } from './flexnet-own-groups.ts';
import { entryOf, type Registry } from './registry.ts';

type Feature = Registry['features'][string];

interface Access {
  readonly include: Map<string | null, Named>;
  readonly exclude: Map<string | null, Named>;
}

/** A line of which nobody knows whom it is about; a null feature is any of the file's. */
interface Unsaid {
  readonly line: number;
  readonly side: 'allow' | 'deny';
  readonly feature: string | null;
}

/** What the lines of a file have come to so far. */
export interface Work {
  readonly base: Registry;
  /** How the ids of what is made begin; the number of a line follows. */
  readonly prefix: string;
  readonly software: string | null;
  readonly names: Names;
  readonly groups: FlexnetGroups;
  /** The groups that are there, by whose they are. */
  readonly present: OwnGroups;
  readonly rules: Registry['rules'];
  readonly reserved: Map<string, { line: number; feature: string; host: string; seats: number }>;
  readonly linger: Map<string, number>;
  readonly overdraft: Map<string, number>;
  /** By feature; null for all that have none of their own. */
  readonly timeout: Map<string | null, number>;
  readonly access: Access;
  /** Whether a line of a group cannot be read, so that no group is known in full. */
  readonly spoiled: boolean;
  /** The first lines of each kind of which nobody knows whom they are about. */
  readonly unsaid: Map<string, Unsaid>;
}

/** Whether a file is about a feature. */
export function isOf({ base, software }: Work, feature: string): boolean {
  return software === null || entryOf(base.features, feature)?.software === software;
}

/** The features that a file is about. */
export function featuresOf(work: Work): readonly string[] {
  return Object.keys(work.base.features).filter((id) => isOf(work, id));
}

/** The registry with all that a file's lines have come to, in place of what an earlier import made, and what became of that. */
export function finish(work: Work): {
  readonly registry: Registry;
  readonly earlier: readonly FlexnetEarlier[];
} {
  const { base, groups, names, prefix, present, reserved } = work;
  const reservations = [...reserved.values()].map(({ feature, host, line, seats }, i) => [
    `${prefix}line-${line}-${i + 1}`,
    { feature, host, seats },
  ]);
  const own = <T>(entries: Readonly<Record<string, T>>) =>
    Object.entries(entries).filter(([id]) => !id.startsWith(`${prefix}line-`));
  const access = accessRules(work);
  const rules = { ...Object.fromEntries(own(base.rules)), ...work.rules, ...access.rules };
  const by = prefix.slice(0, -1);
  const features = Object.entries(base.features).map(
    ([id, feature]) => [id, withFields(id, feature, asked(work, id, feature), by)] as const,
  );
  const grouped = withGroups(base.groups, present, groups.all, by, rules);
  const registry = {
    ...base,
    people: { ...base.people, ...Object.fromEntries(names.made) },
    features: Object.fromEntries(features.map(([id, { feature }]) => [id, feature])),
    groups: grouped.groups,
    blocks: { ...Object.fromEntries(own(base.blocks)), ...access.blocks },
    reservations: Object.fromEntries([...own(base.reservations), ...reservations]),
    rules,
  };
  const changed = [...features.flatMap(([, { earlier }]) => earlier), ...grouped.earlier];
  return { registry, earlier: [...changed, ...entriesGone(base, registry)] };
}

function asked({ linger, overdraft, software, timeout }: Work, id: string, feature: Feature): AskedFields {
  const lasting = linger.get(id);
  const beyond = overdraft.get(id);
  const ofAll = software === null || feature.software === software ? timeout.get(null) : undefined;
  const silent = timeout.get(id) ?? ofAll;
  return {
    ...(lasting === undefined ? {} : { linger: lasting }),
    ...(silent === undefined ? {} : { timeout: silent }),
    ...(beyond === undefined ? {} : { overdraft: beyond }),
  };
}

const ENTRIES = ['rules', 'blocks', 'reservations'] as const;

// A line that has moved makes the same entry under another id, which is no news.
function entriesGone(base: Registry, after: Registry): FlexnetEarlier[] {
  return ENTRIES.flatMap((section) => {
    const left = new Set(Object.values(after[section]).map((entry) => JSON.stringify(entry)));
    return Object.entries(base[section]).flatMap(([id, entry]): FlexnetEarlier[] => {
      if (Object.hasOwn(after[section], id) || left.has(JSON.stringify(entry))) return [];
      const said = 'it was imported and no line asks for it any more';
      return [{ path: `${section}/${id}`, outcome: 'taken-back', said }];
    });
  });
}

function accessRules(work: Work): Pick<Registry, 'blocks' | 'rules'> {
  const { access, prefix } = work;
  const ids = [...featuresOf(work)];
  const blocks: Registry['blocks'] = {};
  const rules: Registry['rules'] = {};
  const all = access.include.get(null);
  for (const [feature, of] of access.include) {
    if (feature === null) continue;
    Object.assign(
      rules,
      all === undefined ? allowing(prefix, { feature }, of) : allowingBoth(prefix, { feature }, of, all),
    );
  }
  const rest = ids.filter((id) => !access.include.has(id));
  if (all !== undefined && rest.length > 0) {
    const block = `${prefix}line-${all.line}`;
    blocks[block] = { name: 'Features that an INCLUDEALL is about', features: rest };
    Object.assign(rules, allowing(prefix, { block }, all));
  }
  const targetOf = (feature: string | null, line: number, name = 'Features that an EXCLUDEALL is about') => {
    if (feature !== null) return { feature };
    const block = `${prefix}line-${line}`;
    blocks[block] = { name, features: ids };
    return { block };
  };
  for (const [feature, of] of access.exclude)
    Object.assign(rules, denying(prefix, targetOf(feature, of.line), of));
  for (const { feature, line, side } of work.unsaid.values()) {
    const target = targetOf(feature, line, 'Features that a line that cannot be read may be about');
    Object.assign(rules, unsaid(prefix, target, line, side));
  }
  return { blocks, rules };
}
