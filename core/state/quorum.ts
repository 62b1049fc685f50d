import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import type { Role } from '../wire/roles.ts';
import type { Member, Roster } from './roster.ts';

/** One voter's statement for a version: a candidate's id, or null for VOID (rule R2). */
export interface Ack {
  readonly voter: PrincipalId;
  readonly version: number;
  readonly candidate: Hash | null;
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

/** Whether the acks prove that no candidate can win a version that these voters decide: for every one, acks + unseen voters + f < quorum (rule R4). */
export function isClosed(acks: readonly Ack[], roster: Roster): boolean {
  const voters = withRole(roster, 'voter');
  const { liars } = roster.policy;
  const seen = new Set<PrincipalId>();
  const votes = new Map<Hash, Set<PrincipalId>>();
  for (const { voter, candidate } of acks) {
    if (!voters.has(voter)) continue;
    seen.add(voter);
    if (candidate === null) continue;
    const ackers = votes.get(candidate) ?? new Set();
    votes.set(candidate, ackers.add(voter));
  }
  const most = Math.max(0, ...[...votes.values()].map((ackers) => ackers.size));
  // The attack: a genesis without voters, under which no search for an undecided version would end.
  if (voters.size === 0) return false;
  return most + (voters.size - seen.size) + liars < quorumOf(voters.size, liars);
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
