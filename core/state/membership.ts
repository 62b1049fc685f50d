import type { Hash, LogId } from '../units.ts';
import type { Verified, VerifiedRecord } from '../verify/record.ts';
import { extend, genesisVersion, newestGeneration } from './chain.ts';
import { type Evidence, emptyEvidence, note, toAck } from './evidence.ts';
import { childRoster, countableAcks } from './proposals.ts';
import { voterOf } from './quorum.ts';
import type { Roster } from './roster.ts';
import { type Version, withAcker, withAcks } from './versions.ts';

/** What certificates alone say of a realm: who belongs to it and which version is the newest. A relay needs no more, a host starts here. */
export interface Membership {
  readonly realm: Hash;
  readonly evidence: Evidence;
  /** Logs with two histories: the first seq at which they differ. */
  readonly forks: Map<LogId, { readonly seq: number }>;
  /** The certified chain, the genesis first; empty until the genesis is known. */
  readonly versions: Version[];
}

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

function advance(membership: Membership): readonly Version[] {
  const { evidence, versions } = membership;
  if (evidence.recoveries.size > 0) {
    const before = new Set(versions.map(({ id }) => id));
    versions.splice(0, versions.length, ...newestGeneration(evidence, versions.slice(0, 1)));
    return versions.filter(({ id }) => !before.has(id));
  }
  const from = versions.length;
  extend(evidence, versions);
  return versions.slice(from);
}
