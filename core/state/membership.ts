import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import type { Verified, VerifiedRecord } from '../verify/record.ts';
import { acksFor, type Evidence, emptyEvidence, endOfLog, membersAmong, note, toAck } from './evidence.ts';
import { type Ack, hasQuorum, memberOf, ownerOf, voterOf } from './quorum.ts';
import type { Member, Roster } from './roster.ts';
import { applyRosterChange, rosterChangeFromValue, rosterFromValue, rosterHash } from './roster-codec.ts';
import { certify, type Proposal, type Version, withAcker, withAcks } from './versions.ts';

/** What certificates alone say of a realm: who belongs to it and which version is the newest. A relay needs no more, a host starts here. */
export interface Membership {
  readonly realm: Hash;
  readonly evidence: Evidence;
  /** Logs with two histories: the first seq at which they differ. */
  readonly forks: Map<LogId, { readonly seq: number }>;
  /** The certified chain, the genesis first; empty until the genesis is known. */
  readonly versions: Version[];
}

/** What a log may do at present. */
export type Standing =
  | { readonly kind: 'member'; readonly member: Member; readonly end: number | null }
  | { readonly kind: 'invited'; readonly invitation: Verified<'invite'>; readonly end: number | null }
  | { readonly kind: 'unknown' };

/** A realm of which only the id is known. */
export function emptyMembership(realm: Hash): Membership {
  return { realm, evidence: emptyEvidence(), forks: new Map(), versions: [] };
}

/** The newest certified version; the caller knows that the genesis has been folded. */
export function newestOf(membership: Membership): Version {
  const newest = membership.versions.at(-1);
  if (newest === undefined) throw new Error('no genesis has been folded');
  return newest;
}

/** Folds one record, and gives the versions that became certified by it. The same set of records gives the same membership in any order. */
export function foldMembership(membership: Membership, record: VerifiedRecord): readonly Version[] {
  if (record.type === 'genesis' && record.proven) {
    const begins = membership.versions.length === 0 && record.hash === membership.realm;
    const first = begins ? genesisVersion(record) : null;
    if (first !== null) membership.versions.push(first);
    return first === null ? [] : [first, ...advance(membership)];
  }
  if (record.type === 'fork-proof' && record.proven) noteFork(membership, record);
  if (!note(membership.evidence, record)) return [];
  countLateAcks(membership, record);
  return record.type === 'ack' && !mayCertify(membership, record) ? [] : advance(membership);
}

/** Whether an ack can make a candidate the next version: not if it is by nobody who votes, as most of a realm's are. */
function mayCertify(membership: Membership, ack: Verified<'ack'>): boolean {
  const { evidence, versions } = membership;
  const newest = versions.at(-1);
  if (newest === undefined || evidence.recoveries.size > 0 || decides(ack, newest.roster)) return true;
  const proposed = ack.body.candidate === null ? undefined : evidence.candidates.get(ack.body.candidate);
  const child = proposed?.body.parent === newest.id ? childRoster(proposed, newest) : null;
  return child !== null && decides(ack, child);
}

// Acks that come after the certificate has formed count too, or hosts that heard them in another order would take a
// term for governed by another version.
function countLateAcks(membership: Membership, record: VerifiedRecord): void {
  const carried = record.type === 'candidate' ? record.carried : [];
  for (const ack of [record, ...carried]) {
    if (ack.type !== 'ack') continue;
    const at = membership.versions.findIndex(({ id }) => id === ack.body.candidate);
    const [parent, version] = [membership.versions[at - 1], membership.versions[at]];
    if (parent === undefined || version === undefined) continue;
    if (decides(ack, parent.roster) || decides(ack, version.roster)) recount(membership, at);
    else
      membership.versions[at] = withAcker(version, toAck(ack, parent.roster) ?? toAck(ack, version.roster));
  }
}

// All of a realm ack, and only its voters' acks say from when a version governs: to count all again for each of the
// others would cost the square of the realm.
function decides({ key, log }: Verified<'ack'>, roster: Roster): boolean {
  return voterOf(roster, log, key) !== null;
}

// What one version governs bounds what those after it govern.
function recount(membership: Membership, from: number): void {
  const { versions } = membership;
  for (let at = from; at < versions.length; at++) {
    const [parent, version] = [versions[at - 1], versions[at]];
    if (parent === undefined || version === undefined) return;
    versions[at] =
      version.content === null
        ? { ...version, firstTerms: parent.firstTerms }
        : withAcks(version, parent, countableAcks(membership, version, parent));
  }
}

/** Freezes a log at the earliest place where two histories are known; true if that changed anything. */
export function freeze(membership: Membership, log: LogId, seq: number): boolean {
  const held = membership.forks.get(log);
  if (held !== undefined && held.seq <= seq) return false;
  membership.forks.set(log, { seq });
  return true;
}

function noteFork(membership: Membership, record: Verified<'fork-proof'>): void {
  const [a, b] = record.carried;
  if (a === undefined || b === undefined) return;
  // Only one key signing twice for one place is a fork; two keys are two people.
  if (a.log === b.log && a.seq === b.seq && a.key === b.key && a.hash !== b.hash) {
    freeze(membership, a.log, a.seq);
  }
}

function genesisVersion(record: Verified<'genesis'>): Version | null {
  const roster = rosterFromValue(record.body.roster);
  if (!roster.ok) return null;
  const author = memberOf(roster.value, record.log, record.key);
  if (author === undefined) return null;
  return {
    version: 1,
    id: record.hash,
    parent: null,
    roster: roster.value,
    content: null,
    frontier: new Map(),
    message: record.body.name,
    author: author.id,
    ackers: [],
    firstTerms: new Map([...roster.value.policy.classes.keys()].map((name) => [name, 0])),
    generation: 0,
  };
}

function advance(membership: Membership): readonly Version[] {
  const { evidence, versions } = membership;
  if (evidence.recoveries.size > 0) {
    const before = new Set(versions.map(({ id }) => id));
    versions.splice(0, versions.length, ...newestGeneration(membership));
    return versions.filter(({ id }) => !before.has(id));
  }
  const from = versions.length;
  extend(membership, versions);
  return versions.slice(from);
}

function extend(membership: Membership, versions: Version[]): Version[] {
  for (let newest = versions.at(-1); newest !== undefined; newest = versions.at(-1)) {
    const next = nextVersion(membership, newest);
    if (next === null) break;
    versions.push(next);
  }
  return versions;
}

// Break-glass (rule R9): enough recovery keys of a version start a new generation on it, and what was certified after it
// is overruled. All branches are grown from the genesis, or who heard of two recoveries in another order would end elsewhere.
function newestGeneration(membership: Membership): readonly Version[] {
  const branches = [extend(membership, membership.versions.slice(0, 1))];
  const made = new Set<Hash>();
  for (const branch of branches) {
    for (const record of membership.evidence.recoveries.values()) {
      const at = branch.findIndex((version) => version.id === record.body.parent);
      const parent = branch[at];
      const version = parent === undefined || made.has(record.hash) ? null : recoveryVersion(record, parent);
      if (version === null) continue;
      made.add(version.id);
      branches.push(extend(membership, [...branch.slice(0, at + 1), version]));
    }
  }
  return branches.reduce((best, branch) => (overrules(branch, best) ? branch : best));
}

function overrules(a: readonly Version[], b: readonly Version[]): boolean {
  const [newer, older] = [a.at(-1), b.at(-1)];
  if (newer === undefined || older === undefined) return false;
  if (newer.generation !== older.generation) return newer.generation > older.generation;
  return rootOf(a) < rootOf(b);
}

/** The recovery that began a branch's generation. */
function rootOf(branch: readonly Version[]): string {
  const generation = branch.at(-1)?.generation;
  return branch.find((version) => version.generation === generation)?.id ?? '';
}

function recoveryVersion(record: Verified<'recover'>, parent: Version): Version | null {
  const { keys, threshold } = parent.roster.policy.recovery;
  const signers = record.signers.filter((key) => keys.includes(key));
  // The attack: where a genesis asks for no signature, anybody could start a generation of his own.
  if (signers.length < Math.max(1, threshold) || record.body.generation <= parent.generation) return null;
  const roster = rosterFromValue(record.body.roster);
  if (!roster.ok || record.body.version <= parent.version) return null;
  return {
    version: record.body.version,
    id: record.hash,
    parent: parent.id,
    roster: roster.value,
    content: null,
    frontier: parent.frontier,
    message: record.body.reason,
    author: null,
    ackers: [],
    firstTerms: parent.firstTerms,
    generation: record.body.generation,
  };
}

function nextVersion(membership: Membership, newest: Version): Version | null {
  for (const proposal of proposalsOn(membership, newest)) {
    const acks = countableAcks(membership, proposal, newest);
    const version = certify(proposal, newest, acks);
    if (version !== null) return version;
  }
  return null;
}

/** Acks for a proposal's version by members of the parent, and by those whom the child makes voters: a new voter's ack counts for the child's quorum. */
export function countableAcks(
  membership: Membership,
  proposal: Pick<Proposal, 'version' | 'roster'>,
  parent: Version,
): readonly Ack[] {
  const byParent = acksFor(membership.evidence, proposal.version, parent.roster);
  const known = new Set(byParent.map((ack) => ack.signatory?.log));
  const byChild = acksFor(membership.evidence, proposal.version, proposal.roster);
  return [...byParent, ...byChild.filter((ack) => !known.has(ack.signatory?.log))];
}

/** The candidates built on a version, as proposals; those whose roster does not follow from the parent's are left out. */
export function proposalsOn(membership: Membership, parent: Version): readonly Proposal[] {
  const ids = membership.evidence.byParent.get(parent.id) ?? [];
  return ids.map((id) => proposalOf(membership, id, parent)).filter((proposal) => proposal !== null);
}

/** A candidate as a proposal on its parent, or null if its roster does not follow from the parent's or its author is nobody's. */
export function proposalOf(membership: Membership, id: Hash, parent: Version): Proposal | null {
  const record = membership.evidence.candidates.get(id);
  if (record === undefined || record.body.parent !== parent.id) return null;
  const author = memberOf(parent.roster, record.log, record.key);
  const roster = childRoster(record, parent);
  if (author === undefined || roster === null) return null;
  const { version, content, frontier, message } = record.body;
  const signatures = membership.evidence.signatures.get(id) ?? [];
  return {
    ...{ id, version, parent: parent.id, roster, content, frontier, message },
    author: author.id,
    signers: membersAmong([record, ...signatures], parent.roster),
    skips: skipsOf(membership, record, parent),
  };
}

const childRosters = new WeakMap<Verified<'candidate'>, Roster | null>();

// A candidate names its one parent by hash, so its roster is computed once, whatever asks for it.
function childRoster(record: Verified<'candidate'>, parent: Version): Roster | null {
  const known = childRosters.get(record);
  if (known !== undefined) return known;
  const change = rosterChangeFromValue(record.body.change);
  const roster = change.ok ? applyRosterChange(parent.roster, change.value) : change;
  const fits = roster.ok && rosterHash(roster.value) === record.body.roster ? roster.value : null;
  childRosters.set(record, fits);
  return fits;
}

function skipsOf(
  membership: Membership,
  record: Verified<'candidate'>,
  parent: Version,
): ReadonlyMap<number, readonly Ack[]> {
  const skips = new Map<number, Ack[]>();
  for (const carried of record.carried) {
    const ack = carried.type === 'ack' ? statedAck(membership, carried, parent) : null;
    if (ack !== null) skips.set(ack.version, [...(skips.get(ack.version) ?? []), ack]);
  }
  return skips;
}

/** All acks for a version on a parent, by members of the parent's roster or of the roster that an acked candidate leads to. */
export function acksOn(membership: Membership, parent: Version, version: number): readonly Ack[] {
  const records = membership.evidence.acks.get(version) ?? [];
  return records.map((record) => statedAck(membership, record, parent)).filter((ack) => ack !== null);
}

// A newcomer's ack is its own only under the roster that lets it in.
function statedAck(membership: Membership, record: Verified<'ack'>, parent: Version): Ack | null {
  const { candidate } = record.body;
  const proposed = candidate === null ? undefined : membership.evidence.candidates.get(candidate);
  const child = proposed?.body.parent === parent.id ? childRoster(proposed, parent) : null;
  const ack = toAck(record, parent.roster) ?? (child === null ? null : toAck(record, child));
  return ack === null || child === null ? ack : { ...ack, child };
}

/** What a log may do, by the newest roster and the invitations. */
export function standingOf(membership: Membership, log: LogId, key: PublicKey | null): Standing {
  const newest = membership.versions.at(-1);
  if (newest === undefined) return { kind: 'unknown' };
  const end = endOfLog(membership.evidence, membership.forks, newest.roster, log);
  const member = key === null ? undefined : memberOf(newest.roster, log, key);
  if (member !== undefined) return { kind: 'member', member, end };
  const invitation = invitationOf(membership, log);
  return invitation === null ? { kind: 'unknown' } : { kind: 'invited', invitation, end };
}

/** The invitations for a log id by those who were issuers in some certified version, as far as no restriction has ended their logs. */
export function invitationsTo(membership: Membership, log: LogId): readonly Verified<'invite'>[] {
  const invitations = membership.evidence.invitations.get(log) ?? [];
  return invitations.filter((invite) => {
    // The attack: a member who invites himself, again and again, has logs for the asking.
    const byIssuer = membership.versions.some((version) =>
      memberOf(version.roster, invite.log, invite.key)?.roles.includes('issuer'),
    );
    // The attack: whoever stole an issuer's key would go on inviting after its revocation.
    return byIssuer && !isPastEnd(membership, invite);
  });
}

/** Whether a fork or a revocation ended a record's log before it (rule R8). */
export function isPastEnd(
  { evidence, forks, versions }: Membership,
  { log, seq }: { readonly log: LogId; readonly seq: number },
): boolean {
  const newest = versions.at(-1);
  const end = newest === undefined ? null : endOfLog(evidence, forks, newest.roster, log);
  return end !== null && seq >= end;
}

/** Members who signed a candidate before any restriction ended their logs: whom a voter counts before it acks (rules R1, R8). */
export function standingSigners(membership: Membership, id: Hash, roster: Roster): ReadonlySet<PrincipalId> {
  const { candidates, signatures } = membership.evidence;
  const candidate = candidates.get(id);
  const all = [...(candidate === undefined ? [] : [candidate]), ...(signatures.get(id) ?? [])];
  return membersAmong(
    all.filter((record) => !isPastEnd(membership, record)),
    roster,
  );
}

/** The one invitation for a log id that still counts; null when there is none or they are several. */
export function invitationOf(membership: Membership, log: LogId): Verified<'invite'> | null {
  const invitations = invitationsTo(membership, log);
  // Two invitations for one log id: nobody can tell whom it was meant for.
  return invitations.length === 1 ? (invitations[0] ?? null) : null;
}

/**
 * The key that a roster gives to a log: a certified one, or one that a quorum of its parent's voters has acked, since the
 * acks of new voters are needed to certify it.
 */
export function namedKey(membership: Membership, log: LogId): PublicKey | undefined {
  const newest = membership.versions.at(-1);
  if (newest === undefined) return undefined;
  const acked = proposalsOn(membership, newest).filter((proposal) => {
    const acks = acksFor(membership.evidence, proposal.version, newest.roster);
    const ackers = acks.filter(({ candidate }) => candidate === proposal.id).map(({ voter }) => voter);
    return hasQuorum(new Set(ackers), newest.roster);
  });
  for (const { roster } of [...acked, ...[...membership.versions].reverse()]) {
    const key = ownerOf(roster, log)?.logs.find((own) => own.log === log)?.key;
    if (key !== undefined) return key;
  }
  return undefined;
}
