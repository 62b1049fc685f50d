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
  /** The log and key that signed it; without them it counts as `voter`'s under every roster. */
  readonly signatory?: { readonly log: LogId; readonly key: PublicKey };
  /** The roster that the candidate leads to, where it is known: its voters decide too. */
  readonly child?: Roster;
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

/** The voter of a roster whose votes this log casts, or null. */
export function voterOf(roster: Roster, log: LogId, key: PublicKey): PrincipalId | null {
  const member = memberOf(roster, log, key);
  return member?.roles.includes('voter') && casts(member, log) ? member.id : null;
}

// The attack: a candidate that gives the parent's voters new keys, acked with those, would be its own certificate.
// So each roster says for itself whose ack this is.
function ackerIn(roster: Roster, { signatory, voter }: Ack): PrincipalId | null {
  if (signatory !== undefined) return voterOf(roster, signatory.log, signatory.key);
  return withRole(roster, 'voter').has(voter) ? voter : null;
}

/** Acks that decide among `voters` when `liars` of them may lie: more than (N + f) / 2, so that two quorums share an honest voter (rule R3). */
export function quorumOf(voters: number, liars: number): number {
  return Math.floor((voters + liars) / 2) + 1;
}

/** Whether the acks make the candidate the version: a quorum of the parent's voters, and of the new ones if they differ (rule R3). */
export function isCertified(candidate: Hash, acks: readonly Ack[], parent: Roster, child: Roster): boolean {
  const own = acks.filter((ack) => ack.candidate === candidate);
  return [parent, child].every((roster) => {
    const ackers = own.map((ack) => ackerIn(roster, ack)).filter((id) => id !== null);
    return hasQuorum(new Set(ackers), roster);
  });
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
 * Whether the acks prove that no candidate can win a version that these voters decide: for every one, acks + unseen
 * voters + f < quorum (rule R4), among these voters or among those that the candidate makes voters.
 */
export function isClosed(acks: readonly Ack[], roster: Roster): boolean {
  const children = new Map<Hash, Roster | undefined>();
  for (const { candidate, child } of acks) {
    if (candidate !== null) children.set(candidate, children.get(candidate) ?? child);
  }
  const canWin = (candidate: Hash | null, voters: Roster) => couldHaveQuorum(candidate, acks, voters);
  // Of a candidate that nobody has shown no more is known than that it needs these voters.
  if (canWin(null, roster)) return false;
  return [...children].every(
    ([candidate, child]) => !canWin(candidate, roster) || (child !== undefined && !canWin(candidate, child)),
  );
}

function couldHaveQuorum(candidate: Hash | null, acks: readonly Ack[], roster: Roster): boolean {
  const voters = withRole(roster, 'voter');
  const { liars } = roster.policy;
  const seen = new Set<PrincipalId>();
  const ackers = new Set<PrincipalId>();
  for (const ack of acks) {
    const voter = ackerIn(roster, ack);
    if (voter === null) continue;
    seen.add(voter);
    if (candidate !== null && ack.candidate === candidate) ackers.add(voter);
  }
  // The attack: a genesis without voters, under which no search for an undecided version would end.
  if (voters.size === 0) return true;
  return ackers.size + (voters.size - seen.size) + liars >= quorumOf(voters.size, liars);
}

/** The first term of a class that a new version governs: one more than the lowest bound that any quorum of the parent's voters proves with its acks (rule T3). */
export function firstTerm(candidate: Hash, acks: readonly Ack[], parent: Roster, hostClass: string): number {
  const voters = withRole(parent, 'voter');
  const stated = new Map<PrincipalId, number>();
  for (const ack of acks) {
    const voter = ack.candidate === candidate ? ackerIn(parent, ack) : null;
    if (voter === null) continue;
    const term = ack.terms.get(hostClass) ?? -1;
    // Of two acks of a liar, the one that is worse for it counts.
    stated.set(voter, Math.max(term, stated.get(voter) ?? -1));
  }
  const ascending = [...stated.values()].sort((a, b) => a - b);
  const quorum = quorumOf(voters.size, parent.policy.liars);
  return (ascending[quorum - 1] ?? -1) + 1;
}
