import type { Membership } from '../state/membership.ts';
import { ownerOf } from '../state/quorum.ts';
import { entryOf, parseRegistry, type Registry } from '../state/registry.ts';
import { checkRegistry } from '../state/registry-check.ts';
import { invitationOf, isPastEnd } from '../state/standing.ts';
import type { LogId } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import type { Body } from '../wire/bodies.ts';
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
interface Newcomer {
  readonly id: string;
  readonly log: LogId;
  readonly key: string;
  readonly kind: 'host' | 'person';
  readonly name: string;
  readonly class: string | null;
  readonly roles: Registry['hosts'][string]['roles'];
}

/** Logs that began by invitation and never belonged to a member: those whom the next version admits. What came after an invitation had ended was not taken; who came in time is not shut out because nobody published. */
export function newcomersOf(model: Model): readonly Newcomer[] {
  const { ledger, membership } = model.state;
  const newcomers: Newcomer[] = [];
  for (const log of membership.evidence.invitations.keys()) {
    const join = ledger.logs.get(log)?.[0];
    const invitation = invitationOf(membership, log);
    if (join?.type !== 'join' || !join.proven || invitation === null) continue;
    // The attack: whoever has been removed would come back with the next version, for the invitation still stands.
    if (wasMember(membership, log) || isPastEnd(membership, join)) continue;
    const { class: hostClass, id, kind, name, roles } = invitation.body;
    // The attack: whoever has an invitation that was replaced would take the host's place with the next version.
    if (isReplaced(model, log)) continue;
    newcomers.push({ id, log, key: join.key, kind, name, class: hostClass, roles: [...roles] });
  }
  return newcomers;
}

/** Whether a newer invitation for the same host has taken the place of the one for this log. A person may have many logs. */
export function isReplaced({ state: { membership } }: Model, log: LogId): boolean {
  const invitation = invitationOf(membership, log);
  if (invitation?.body.kind !== 'host') return false;
  return newestAmong(invitationsFor(membership, invitation.body.id))?.body.log !== log;
}

/** What a new invitation by this host does to others for the same host: it replaces the open ones, unless one outlasts it. */
export function replacing(
  { self: { log }, state: { ledger, membership }, time }: Model,
  body: Body<'invite'>,
): { readonly replaces: readonly LogId[]; readonly outlasting: Verified<'invite'> | null } {
  if (body.kind !== 'host') return { replaces: [], outlasting: null };
  const others = invitationsFor(membership, body.id).filter((other) => other.body.log !== body.log);
  const fresh = { log, seq: ledger.logs.get(log)?.length ?? 0, body };
  const newest = newestAmong<Invitation>([...others, fresh]);
  const open = others.filter(
    (other) =>
      !wasMember(membership, other.body.log) && !(time.lower !== null && time.lower > other.body.until),
  );
  return {
    replaces: open.map((other) => other.body.log),
    outlasting: others.find((other) => other === newest) ?? null,
  };
}

type Invitation = { readonly log: LogId; readonly seq: number; readonly body: Body<'invite'> };

function invitationsFor(membership: Membership, id: string): readonly Verified<'invite'>[] {
  const logs = [...membership.evidence.invitations].filter(([, invitations]) =>
    invitations.some(({ body }) => body.id === id && body.kind === 'host'),
  );
  return logs.flatMap(([log]) => invitationOf(membership, log) ?? []).filter(({ body }) => body.id === id);
}

/** The newest of each inviter by the order of its log; of those the one that is good for longest. */
function newestAmong<T extends Invitation>(invitations: readonly T[]): T | undefined {
  const newest = new Map<LogId, T>();
  for (const each of invitations) {
    if (each.seq > (newest.get(each.log)?.seq ?? -1)) newest.set(each.log, each);
  }
  return [...newest.values()].sort((a, b) => b.body.until - a.body.until || a.log - b.log)[0];
}

function wasMember({ versions }: Membership, log: LogId): boolean {
  return versions.some(({ roster }) => ownerOf(roster, log) !== undefined);
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
