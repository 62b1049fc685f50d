import type { Hash } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import { acksFor, type Evidence, membersAmong, toAck } from './evidence.ts';
import { type Ack, memberOf } from './quorum.ts';
import type { Roster } from './roster.ts';
import { applyRosterChange, rosterChangeFromValue, rosterHash } from './roster-codec.ts';
import type { Proposal, Version } from './versions.ts';

/** Whatever holds the statements that are noted. */
interface Noted {
  readonly evidence: Evidence;
}

/** Acks for a proposal's version by members of the parent, and by those whom the child makes voters: a new voter's ack counts for the child's quorum. */
export function countableAcks(
  membership: Noted,
  proposal: Pick<Proposal, 'version' | 'roster'>,
  parent: Version,
): readonly Ack[] {
  const byParent = acksFor(membership.evidence, proposal.version, parent.roster);
  const known = new Set(byParent.map((ack) => ack.signatory?.log));
  const byChild = acksFor(membership.evidence, proposal.version, proposal.roster);
  return [...byParent, ...byChild.filter((ack) => !known.has(ack.signatory?.log))];
}

/** The candidates built on a version, as proposals; those whose roster does not follow from the parent's are left out. */
export function proposalsOn(membership: Noted, parent: Version): readonly Proposal[] {
  const ids = membership.evidence.byParent.get(parent.id) ?? [];
  return ids.map((id) => proposalOf(membership, id, parent)).filter((proposal) => proposal !== null);
}

/** A candidate as a proposal on its parent, or null if its roster does not follow from the parent's or its author is nobody's. */
export function proposalOf(membership: Noted, id: Hash, parent: Version): Proposal | null {
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
export function childRoster(record: Verified<'candidate'>, parent: Version): Roster | null {
  const known = childRosters.get(record);
  if (known !== undefined) return known;
  const change = rosterChangeFromValue(record.body.change);
  const roster = change.ok ? applyRosterChange(parent.roster, change.value) : change;
  const fits = roster.ok && rosterHash(roster.value) === record.body.roster ? roster.value : null;
  childRosters.set(record, fits);
  return fits;
}

function skipsOf(
  membership: Noted,
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
export function acksOn(membership: Noted, parent: Version, version: number): readonly Ack[] {
  const records = membership.evidence.acks.get(version) ?? [];
  return records.map((record) => statedAck(membership, record, parent)).filter((ack) => ack !== null);
}

// A newcomer's ack is its own only under the roster that lets it in.
function statedAck(membership: Noted, record: Verified<'ack'>, parent: Version): Ack | null {
  const { candidate } = record.body;
  const proposed = candidate === null ? undefined : membership.evidence.candidates.get(candidate);
  const child = proposed?.body.parent === parent.id ? childRoster(proposed, parent) : null;
  const ack = toAck(record, parent.roster) ?? (child === null ? null : toAck(record, child));
  return ack === null || child === null ? ack : { ...ack, child };
}
