import type { Membership } from '../state/membership.ts';
import { ownerOf } from '../state/quorum.ts';
import { entryOf, parseRegistry, type Registry } from '../state/registry.ts';
import { checkRegistry } from '../state/registry-check.ts';
import { invitationOf, isPastEnd } from '../state/standing.ts';
import type { LogId } from '../units.ts';
import type { Model } from './model.ts';

/**
 * The newcomers whom a registry can take in without more being wrong with it than before. The attack: one invitation to
 * a class that is gone, or in another's name, would stop every publication.
 */
export function fittingAmong(newcomers: readonly Newcomer[], registry: Registry): readonly Newcomer[] {
  const problems = (of: Registry) =>
    parseRegistry(of).ok ? checkRegistry(of).length : Number.POSITIVE_INFINITY;
  const before = problems(registry);
  if (problems(newcomers.reduce(withNewcomer, registry)) <= before) return newcomers;
  return newcomers.filter((newcomer) => problems(withNewcomer(registry, newcomer)) <= before);
}

/** Somebody who joined by an invitation, as the invitation says. */
export interface Newcomer {
  readonly id: string;
  readonly log: LogId;
  readonly key: string;
  readonly kind: 'host' | 'person';
  readonly name: string;
  readonly class: string | null;
  readonly roles: Registry['hosts'][string]['roles'];
}

/** Logs that began by invitation and never belonged to a member: those whom the next version admits. */
export function newcomersOf(model: Model): readonly Newcomer[] {
  const { ledger, membership } = model.state;
  const newcomers: Newcomer[] = [];
  for (const log of membership.evidence.invitations.keys()) {
    const join = ledger.logs.get(log)?.[0];
    const invitation = invitationOf(membership, log);
    if (join?.type !== 'join' || !join.proven || invitation === null) continue;
    // The attack: whoever has been removed would come back with the next version, for the invitation still stands.
    if (wasMember(membership, log) || isPastEnd(membership, join)) continue;
    // An invitation that has ended admits nobody, however late that is noticed.
    if (hasEnded(model, invitation.body.until)) continue;
    const { class: hostClass, id, kind, name, roles } = invitation.body;
    newcomers.push({ id, log, key: join.key, kind, name, class: hostClass, roles: [...roles] });
  }
  return newcomers;
}

function wasMember({ versions }: Membership, log: LogId): boolean {
  return versions.some(({ roster }) => ownerOf(roster, log) !== undefined);
}

function hasEnded(model: Model, until: number): boolean {
  return model.time.lower !== null && model.time.lower > until;
}

/** The registry with a newcomer in it. */
export function withNewcomer(registry: Registry, newcomer: Newcomer): Registry {
  const { id, key, kind, log, name, roles } = newcomer;
  const logs = { [String(log)]: key };
  if (kind === 'person') {
    const known = entryOf(registry.people, id);
    const person = { name, ...known, logs: { ...known?.logs, ...logs }, roles: union(known?.roles, roles) };
    return { ...registry, people: { ...registry.people, [id]: person } };
  }
  const known = registry.hosts[id];
  // A host has one log: who joins under the id of one takes its place, as after a restored disk (rule R7).
  const host = { name, class: newcomer.class ?? '', ...known, logs, roles: union(known?.roles, roles) };
  return { ...registry, hosts: { ...registry.hosts, [id]: host } };
}

function union<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] {
  return [...new Set([...(a ?? []), ...(b ?? [])])].sort();
}
