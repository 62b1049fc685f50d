import type { AllocationInput } from './allocate.ts';
import { allSeats, entryOf, type Registry } from './registry.ts';
import type { Roster } from './roster.ts';
import { accessTo, hostMay } from './rules.ts';

/** What the lots of each feature are made from, or of one feature alone, by feature id in order. */
export function allocationsOf(
  registry: Registry,
  roster: Roster,
  only?: string,
): ReadonlyMap<string, AllocationInput> {
  const joined = [...roster.members.values()].filter(({ kind }) => kind === 'host').map(({ id }) => id);
  const reserved = new Map<string, Map<string, number>>();
  for (const { feature, host, seats } of Object.values(registry.reservations)) {
    const kept = reserved.get(feature) ?? new Map<string, number>();
    reserved.set(feature, kept.set(host, seats));
  }
  const byDemand = registry.policy.allocation !== 'equal';
  const out = new Map<string, AllocationInput>();
  for (const [feature, access] of [...accessTo(registry)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (only !== undefined && feature !== only) continue;
    const hosts = joined.filter((host) => hostMay(access, host));
    const entry = entryOf(registry.features, feature);
    const demand = byDemand ? new Map(Object.entries(entry?.demand ?? {})) : new Map<string, number>();
    out.set(feature, {
      // One pool, so that no host has to know which of its seats are others' overdraft: nobody gets more than all of them.
      seats: allSeats(entry),
      hosts,
      reserved: reserved.get(feature) ?? new Map(),
      demand,
    });
  }
  return out;
}
