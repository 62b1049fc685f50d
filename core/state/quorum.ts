import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import type { Role } from '../wire/roles.ts';
import type { Member, Roster } from './roster.ts';

/** One voter's statement for a version: a candidate's id, or null for VOID (rule R2). */
export interface Ack {
  readonly voter: PrincipalId;
  readonly version: number;
  readonly candidate: Hash | null;
  /** The roster that the candidate would make, where it is known: its voters have a say too (rule R3). */
  readonly roster?: Roster;
  /** Highest term that the voter has opened, for each class (rule T2). */
  readonly terms: ReadonlyMap<string, number>;
}

/** Principals of a roster that have a role. */
export function withRole(roster: Roster, role: Role): ReadonlySet<PrincipalId> {
  const ids = [...roster.members.values()].filter((member) => member.roles.includes(role));
  return new Set(ids.map((member) => member.id));
}

/** The principal whose log this is, if the roster names that log with that key. */
export function memberOf(roster: Roster, log: LogId, key: PublicKey): Member | undefined {
  const index = logIndex(roster);
  const found = index.get(log);
  // A key that the roster does not name is not that principal's, whoever holds the log.
  return found?.key === key ? found.member : undefined;
}

/** The principal to whom the roster gives a log, whatever its key. */
export function ownerOf(roster: Roster, log: LogId): Member | undefined {
  return logIndex(roster).get(log)?.member;
}

const indexes = new WeakMap<Roster, Map<LogId, { readonly member: Member; readonly key: PublicKey }>>();

function logIndex(roster: Roster): Map<LogId, { readonly member: Member; readonly key: PublicKey }> {
  const known = indexes.get(roster);
  if (known !== undefined) return known;
  const index = new Map<LogId, { readonly member: Member; readonly key: PublicKey }>();
  for (const member of roster.members.values()) {
    for (const { log, key } of member.logs) index.set(log, { member, key });
  }
  indexes.set(roster, index);
  return index;
}

/**
 * Whether this log casts its member's votes: of several, the one with the lowest id. Each log remembers only its own slots
 * and terms, so two that both voted would be a voter who votes twice (rules R2, T1).
 */
export function casts(member: Member, log: LogId): boolean {
  return member.logs.every((other) => log <= other.log);
}

/** Acks that decide among `voters` when `liars` of them may lie: more than (N + f) / 2, so that two quorums share an honest voter (rule R3). */
export function quorumOf(voters: number, liars: number): number {
  return Math.floor((voters + liars) / 2) + 1;
}

/** Whether the acks make the candidate the version: a quorum of the parent's voters, and of the new ones if they differ (rule R3). */
export function isCertified(candidate: Hash, acks: readonly Ack[], parent: Roster, child: Roster): boolean {
  const ackers = new Set(acks.filter((ack) => ack.candidate === candidate).map((ack) => ack.voter));
  return hasQuorum(ackers, parent) && hasQuorum(ackers, child);
}

/** Whether these principals hold a quorum of a roster's voters. */
export function hasQuorum(principals: ReadonlySet<PrincipalId>, roster: Roster): boolean {
  const voters = withRole(roster, 'voter');
  const count = [...voters].filter((voter) => principals.has(voter)).length;
  return count >= quorumOf(voters.size, roster.policy.liars);
}

/** Whether enough distinct issuers of the parent signed, and of the child too where it changes them (rule R1). */
export function isAuthorised(signers: ReadonlySet<PrincipalId>, parent: Roster, child: Roster): boolean {
  return hasThreshold(signers, parent) && hasThreshold(signers, child);
}

function hasThreshold(signers: ReadonlySet<PrincipalId>, roster: Roster): boolean {
  const issuers = withRole(roster, 'issuer');
  return [...issuers].filter((issuer) => signers.has(issuer)).length >= roster.policy.issuers;
}

/**
 * Whether the acks prove that no candidate can win a version that these voters decide: for every one, acks + unseen voters
 * + f < quorum (rule R4), among these voters or among those whom it would make voters.
 */
export function isClosed(acks: readonly Ack[], roster: Roster): boolean {
  const voters = withRole(roster, 'voter');
  const seen = new Set(acks.map(({ voter }) => voter));
  const votes = new Map<Hash, { readonly ackers: Set<PrincipalId>; readonly child: Roster | null }>();
  for (const { voter, candidate, roster: child } of acks) {
    if (candidate === null) continue;
    const { ackers } = votes.get(candidate) ?? { ackers: new Set() };
    votes.set(candidate, { ackers: ackers.add(voter), child: child ?? null });
  }
  // The attack: a genesis without voters, under which no search for an undecided version would end.
  if (voters.size === 0 || canReach(new Set(), roster, seen)) return false;
  return [...votes.values()].every(
    ({ ackers, child }) =>
      !canReach(ackers, roster, seen) ||
      (child !== null && !canReach(ackers, child, boundIn(child, roster, seen))),
  );
}

// Who votes in a child under another key than in the parent has a slot there that these acks say nothing of.
function boundIn(child: Roster, parent: Roster, seen: ReadonlySet<PrincipalId>): ReadonlySet<PrincipalId> {
  const castingKey = (roster: Roster, id: PrincipalId) => roster.members.get(id)?.logs[0]?.key;
  const voters = withRole(parent, 'voter');
  return new Set(
    [...seen].filter((id) => voters.has(id) || castingKey(child, id) === castingKey(parent, id)),
  );
}

/** Whether these ackers may yet grow to a quorum of a roster: by its voters that have acked nothing, and by liars. */
function canReach(ackers: ReadonlySet<PrincipalId>, roster: Roster, seen: ReadonlySet<PrincipalId>): boolean {
  const voters = [...withRole(roster, 'voter')];
  const possible = voters.filter((voter) => ackers.has(voter) || !seen.has(voter)).length;
  return possible + roster.policy.liars >= quorumOf(voters.length, roster.policy.liars);
}

/** The first term of a class that a new version governs: one more than the lowest bound that any quorum of the parent's voters proves with its acks (rule T3). */
export function firstTerm(candidate: Hash, acks: readonly Ack[], parent: Roster, hostClass: string): number {
  const voters = withRole(parent, 'voter');
  const stated = new Map<PrincipalId, number>();
  for (const ack of acks) {
    if (ack.candidate !== candidate || !voters.has(ack.voter)) continue;
    const term = ack.terms.get(hostClass) ?? -1;
    // Of two acks of a liar, the one that is worse for it counts.
    stated.set(ack.voter, Math.max(term, stated.get(ack.voter) ?? -1));
  }
  const ascending = [...stated.values()].sort((a, b) => a - b);
  const quorum = quorumOf(voters.size, parent.policy.liars);
  return (ascending[quorum - 1] ?? -1) + 1;
}
