import { entryOf, type Registry, type RegistryRule, type RegistrySelection } from './registry.ts';

/** The people and hosts that a selection comes to; null where it does not name any of the kind. */
export interface Selected {
  readonly people: ReadonlySet<string> | null;
  readonly hosts: ReadonlySet<string> | null;
}

/** The rules of one feature, groups resolved; made once per version, asked at each checkout. */
export interface FeatureAccess {
  readonly allow: readonly (Selected & { readonly rule: string })[];
  readonly deny: readonly (Selected & { readonly rule: string })[];
}

/** Whether the rules let someone use a feature, and the rule that decided; `open` where no rule limits it. */
type AccessVerdict =
  | { readonly allow: true; readonly because: 'open' | 'allowed'; readonly rule: string | null }
  | { readonly allow: false; readonly because: 'denied' | 'not-listed'; readonly rule: string | null };

/** Ids of the blocks that contain a feature. */
export function blocksOf(registry: Registry, feature: string): string[] {
  return Object.keys(registry.blocks).filter((id) =>
    entryOf(registry.blocks, id)?.features.includes(feature),
  );
}

/** The features that a rule or a period is about. */
export function featuresOf(
  registry: Registry,
  target: { readonly feature?: string | undefined; readonly block?: string | undefined },
): readonly string[] {
  if (target.feature !== undefined) return [target.feature];
  return target.block === undefined ? [] : (entryOf(registry.blocks, target.block)?.features ?? []);
}

/** The rules of every feature, resolved. */
export function accessTo(registry: Registry): ReadonlyMap<string, FeatureAccess> {
  const access = new Map<
    string,
    { allow: FeatureAccess['allow'][number][]; deny: FeatureAccess['deny'][number][] }
  >();
  for (const feature of Object.keys(registry.features)) access.set(feature, { allow: [], deny: [] });
  for (const [id, rule] of Object.entries(registry.rules)) {
    const allow = rule.allow === undefined ? null : { rule: id, ...selected(registry, rule.allow) };
    const deny = rule.deny === undefined ? null : { rule: id, ...selected(registry, rule.deny) };
    for (const feature of featuresOf(registry, rule)) {
      if (allow !== null) access.get(feature)?.allow.push(allow);
      if (deny !== null) access.get(feature)?.deny.push(deny);
    }
  }
  return access;
}

/** What a selection comes to. That a list is given limits, even when it has become empty: an emptied group opens nothing. */
export function selected(registry: Registry, selection: RegistrySelection): Selected {
  const people = selection.people === undefined ? null : new Set(selection.people);
  const hosts = selection.hosts === undefined ? null : new Set(selection.hosts);
  return (selection.groups ?? []).reduce<{ people: Set<string> | null; hosts: Set<string> | null }>(
    (all, id) => {
      const group = entryOf(registry.groups, id);
      return { people: joined(all.people, group?.members), hosts: joined(all.hosts, group?.hosts) };
    },
    { people, hosts },
  );
}

function joined(all: Set<string> | null, more: readonly string[] | undefined): Set<string> | null {
  return more === undefined ? all : new Set([...(all ?? []), ...more]);
}

/** Whether a person on a host may use a feature, as far as rules go; both are known to be in the registry. */
export function mayUse(access: FeatureAccess, person: string, host: string): AccessVerdict {
  for (const { rule, people, hosts } of access.deny) {
    if (people?.has(person) || hosts?.has(host)) return { allow: false, because: 'denied', rule };
  }
  if (access.allow.length === 0) return { allow: true, because: 'open', rule: null };
  for (const { rule, people, hosts } of access.allow) {
    if ((people?.has(person) ?? true) && (hosts?.has(host) ?? true)) {
      return { allow: true, because: 'allowed', rule };
    }
  }
  return { allow: false, because: 'not-listed', rule: null };
}

/** Whether anybody at all may use a feature on this host; a host for which this is false gets no lot. */
export function hostMay(access: FeatureAccess, host: string): boolean {
  if (access.deny.some(({ hosts }) => hosts?.has(host))) return false;
  return access.allow.length === 0 || access.allow.some(({ hosts }) => hosts?.has(host) ?? true);
}

/** Which side of the registry a rule leaves without anyone, or null. */
export function emptySide(registry: Registry, rule: RegistryRule): 'people' | 'hosts' | null {
  const { allow, deny } = rule;
  const barred = deny === undefined ? { people: null, hosts: null } : selected(registry, deny);
  for (const side of ['people', 'hosts'] as const) {
    const listed = allow === undefined ? null : selected(registry, allow)[side];
    if (allow !== undefined && listed !== null && ![...listed].some((id) => !barred[side]?.has(id)))
      return side;
  }
  for (const side of ['people', 'hosts'] as const) {
    if (rule.for !== undefined && selected(registry, rule.for)[side]?.size === 0) return side;
  }
  if (deny !== undefined && (barred.people?.size ?? 0) + (barred.hosts?.size ?? 0) === 0) return 'people';
  return null;
}
