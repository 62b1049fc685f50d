import { seconds } from '../units.ts';
import { type AllocationInput, allocate } from './allocate.ts';
import { allocationsOf } from './allocations.ts';
import { entryOf, type Registry } from './registry.ts';
import type { Roster } from './roster.ts';
import type { HostUsage } from './usage-records.ts';

/** How far back use is looked at, to see what hosts need. */
export const DEMAND_SPAN = seconds(28 * 86_400);

/** Seats that each host has needed at once: feature → host → the most in use in an hour, with the users whom it had no seat for then. */
export type Demand = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What hosts have needed, by records of use. */
export function demandOf(records: Iterable<HostUsage>): Demand {
  const demand = new Map<string, Map<string, number>>();
  const note = (feature: string, host: string, seats: number) => {
    const byHost = demand.get(feature) ?? new Map<string, number>();
    if (byHost.size === 0) demand.set(feature, byHost);
    if (seats > (byHost.get(host) ?? 0)) byHost.set(host, seats);
  };
  for (const { host, record } of records) {
    const { peaks } = record.body;
    for (const [feature, seats] of peaks) note(feature, host, seats);
    for (const [feature, users] of turnedAwayIn(record.body)) {
      note(feature, host, (peaks.get(feature) ?? 0) + users.size);
    }
  }
  return demand;
}

function turnedAwayIn({
  denials,
  names,
}: HostUsage['record']['body']): ReadonlyMap<string, ReadonlySet<number>> {
  const turnedAway = new Map<string, Set<number>>();
  if (denials.length === 0) return turnedAway;
  for (const [feature, user, , reason] of denials) {
    const name = names[feature];
    if (name === undefined || names[reason] !== 'no-seat') continue;
    turnedAway.set(name, (turnedAway.get(name) ?? new Set<number>()).add(user));
  }
  return turnedAway;
}

/**
 * A registry with these figures, for features of which some host gets less than it has needed while another gets more. All
 * others stay as they are: who shares seats out anew leaves part of them unused until the next terms.
 */
export function withDemand(registry: Registry, roster: Roster, demand: Demand): Registry {
  if (registry.policy.allocation === 'equal') return registry;
  const features = { ...registry.features };
  for (const [feature, allocation] of allocationsOf(registry, roster)) {
    const entry = entryOf(registry.features, feature);
    const needed = neededBy(allocation, demand.get(feature));
    if (entry === undefined || !isMisplaced(allocation, needed)) continue;
    features[feature] = { ...entry, demand: Object.fromEntries(needed) };
  }
  return { ...registry, features };
}

function neededBy(
  { hosts, seats }: AllocationInput,
  demand: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const most = (host: string) => Math.min(seats, demand.get(host) ?? 0);
  return new Map([...hosts].sort().flatMap((host) => (most(host) > 0 ? [[host, most(host)] as const] : [])));
}

function isMisplaced(allocation: AllocationInput, needed: ReadonlyMap<string, number>): boolean {
  const lots = allocate(allocation);
  const spare = (host: string) => (lots.get(host)?.total ?? 0) - (needed.get(host) ?? 0);
  // A reserved seat stays where it is kept, needed or not.
  const canGive = (host: string) =>
    spare(host) > 0 && (lots.get(host)?.total ?? 0) > (lots.get(host)?.reserved ?? 0);
  return allocation.hosts.some((host) => spare(host) < 0) && allocation.hosts.some(canGive);
}
