import { allowing, allowingBoth, denying, type Named } from './flexnet-access.ts';
import { type AskedFields, type FlexnetEarlier, withFields } from './flexnet-fields.ts';
import type { FlexnetGroups } from './flexnet-groups.ts';
import type { Names } from './flexnet-names.ts';
import { entryOf, type Registry } from './registry.ts';

type Feature = Registry['features'][string];

interface Access {
  readonly include: Map<string | null, Named>;
  readonly exclude: Map<string | null, Named>;
}

/** What the lines of a file have come to so far. */
export interface Work {
  readonly base: Registry;
  /** How the ids of what is made begin; the number of a line follows. */
  readonly prefix: string;
  readonly software: string | null;
  readonly names: Names;
  readonly groups: FlexnetGroups;
  readonly rules: Registry['rules'];
  readonly reserved: Map<string, { line: number; feature: string; host: string; seats: number }>;
  readonly linger: Map<string, number>;
  readonly overdraft: Map<string, number>;
  /** By feature; null for all that have none of their own. */
  readonly timeout: Map<string | null, number>;
  readonly access: Access;
}

/** The registry with all that a file's lines have come to, in place of what an earlier import made, and what became of that. */
export function finish(work: Work): {
  readonly registry: Registry;
  readonly earlier: readonly FlexnetEarlier[];
} {
  const { base, groups, names, prefix, reserved } = work;
  const reservations = [...reserved.values()].map(({ feature, host, line, seats }, i) => [
    `${prefix}line-${line}-${i + 1}`,
    { feature, host, seats },
  ]);
  const own = <T>(entries: Readonly<Record<string, T>>) =>
    Object.entries(entries).filter(([id]) => !id.startsWith(`${prefix}line-`));
  const { blocks, rules } = accessRules(work);
  const by = prefix.slice(0, -1);
  const features = Object.entries(base.features).map(
    ([id, feature]) => [id, withFields(id, feature, asked(work, id, feature), by)] as const,
  );
  const imported = groups.all.map(({ id, members, name, side }) => {
    const present = entryOf(base.groups, id);
    const kept = present ?? { name };
    return [id, { ...kept, [side === 'people' ? 'members' : 'hosts']: [...members].sort() }];
  });
  const registry = {
    ...base,
    people: { ...base.people, ...Object.fromEntries(names.made) },
    features: Object.fromEntries(features.map(([id, { feature }]) => [id, feature])),
    groups: { ...base.groups, ...Object.fromEntries(imported) },
    blocks: { ...Object.fromEntries(own(base.blocks)), ...blocks },
    reservations: Object.fromEntries([...own(base.reservations), ...reservations]),
    rules: { ...Object.fromEntries(own(base.rules)), ...work.rules, ...rules },
  };
  const earlier = [...features.flatMap(([, { earlier }]) => earlier), ...entriesGone(base, registry)];
  return { registry, earlier };
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

function accessRules({ access, base, prefix, software }: Work): Pick<Registry, 'blocks' | 'rules'> {
  const ids = Object.keys(base.features).filter(
    (id) => software === null || entryOf(base.features, id)?.software === software,
  );
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
  for (const [feature, of] of access.exclude) {
    const block = `${prefix}line-${of.line}`;
    if (feature !== null) Object.assign(rules, denying(prefix, { feature }, of));
    else {
      blocks[block] = { name: 'Features that an EXCLUDEALL is about', features: ids };
      Object.assign(rules, denying(prefix, { block }, of));
    }
  }
  return { blocks, rules };
}
