import type { Configuration } from '../state/compile.ts';
import { featuresOf, type Selected, selected } from '../state/rules.ts';
import type { PrincipalId } from '../units.ts';
import { ALLOW, type Decision, deny } from './decision.ts';

/** Why a rule about numbers stands in the way of a checkout. */
export type LimitDenial = 'limit-reached' | 'reserved';

/** Whether a denial is about who asks: others who wait for the same feature may be served. */
export const PERSONAL: ReadonlySet<string> = new Set<LimitDenial>(['limit-reached', 'reserved']);

/** Somebody's use of one seat on some host. */
export interface Use {
  readonly user: string;
  readonly host: string;
}

/** What these decisions are made from. */
interface LimitQuestion {
  readonly configuration: Configuration;
  readonly feature: string;
  readonly user: string;
  readonly host: PrincipalId;
  uses(): readonly Use[];
}

interface Limit {
  readonly rule: string;
  readonly of: Selected | null;
  readonly max: number | undefined;
  /** Seats kept on each host. */
  readonly kept: ReadonlyMap<string, number>;
  readonly priority: number;
}

/**
 * Whether the `max` of every rule leaves room for one more use. Own uses are counted exactly; those on other hosts as far as
 * they have told over presence, which is never evidence: cut off from each other, two hosts may each give the last one of a
 * `max`, while the seats of the feature themselves are never exceeded. What a host tells can only deny, never grant.
 */
export function decideLimits(question: LimitQuestion): Decision<'limit-reached'> {
  const { configuration, feature, host, user } = question;
  const limits = limitsOf(configuration).get(feature) ?? [];
  for (const { max, of, rule } of limits) {
    if (max === undefined || !isAbout(of, user, host)) continue;
    const used = question.uses().filter((use) => isAbout(of, use.user, use.host)).length;
    if (used >= max) {
      return deny('limit-reached', `rule ${rule} allows ${max} at the same time, ${used} are in use`);
    }
  }
  return ALLOW;
}

/** Whether of the free seats of this host one is left that is not kept for others. */
export function decideKept(question: LimitQuestion, free: () => number): Decision<'reserved'> {
  const kept = keptSeats(question, question.user);
  return kept === 0 || free() > kept
    ? ALLOW
    : deny('reserved', `${kept} of the free seats here are kept for others`);
}

/** Free seats of this host that are kept for somebody else than a user, or for anybody when none is given. */
export function keptSeats(question: Omit<LimitQuestion, 'user'>, user: string | null = null): number {
  const { configuration, feature, host } = question;
  let kept = 0;
  for (const { kept: byHost, of } of limitsOf(configuration).get(feature) ?? []) {
    const seats = byHost.get(host) ?? 0;
    if (seats === 0 || (user !== null && isAbout(of, user, host))) continue;
    const own = question.uses().filter((use) => use.host === host && isAbout(of, use.user, host));
    kept += Math.max(0, seats - own.length);
  }
  return kept;
}

/** How soon somebody who waits is served: the highest priority that a rule gives. */
export function priorityOf({ configuration, feature, host, user }: Omit<LimitQuestion, 'uses'>): number {
  const limits = limitsOf(configuration).get(feature) ?? [];
  return limits.reduce(
    (most, { of, priority }) => (isAbout(of, user, host) ? Math.max(most, priority) : most),
    0,
  );
}

function isAbout(of: Selected | null, user: string, host: string): boolean {
  return (of?.people?.has(user) ?? true) && (of?.hosts?.has(host) ?? true);
}

const known = new WeakMap<Configuration, ReadonlyMap<string, readonly Limit[]>>();

function limitsOf(configuration: Configuration): ReadonlyMap<string, readonly Limit[]> {
  const made = known.get(configuration) ?? makeLimits(configuration);
  known.set(configuration, made);
  return made;
}

function makeLimits({ lots, registry }: Configuration): ReadonlyMap<string, readonly Limit[]> {
  const limits = new Map<string, Limit[]>();
  for (const [rule, entry] of Object.entries(registry.rules)) {
    const { keep, max, priority = 0 } = entry;
    if (keep === undefined && max === undefined && entry.priority === undefined) continue;
    const of = entry.for === undefined ? null : selected(registry, entry.for);
    for (const feature of featuresOf(registry, entry)) {
      const kept = keep === undefined ? new Map() : shareOut(keep, lots.get(feature) ?? new Map(), of);
      const all = limits.get(feature) ?? [];
      limits.set(feature, all);
      all.push({ rule, of, max, kept, priority });
    }
  }
  return limits;
}

/** Seats kept on each host: equal parts of all that are to be kept, the rest to those first in id order, none beyond its lot. */
function shareOut(
  keep: number,
  lots: ReadonlyMap<string, number>,
  of: Selected | null,
): ReadonlyMap<string, number> {
  const kept = new Map<string, number>();
  const room = (host: string) => (lots.get(host) ?? 0) - (kept.get(host) ?? 0);
  const hosts = [...lots.keys()].filter((host) => of?.hosts?.has(host) ?? true).sort();
  for (let left = keep; left > 0; ) {
    const open = hosts.filter((host) => room(host) > 0);
    if (open.length === 0) break;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const host of open) {
      const seats = Math.min(each, room(host), left);
      kept.set(host, (kept.get(host) ?? 0) + seats);
      left -= seats;
    }
  }
  return kept;
}
