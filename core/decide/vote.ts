import type { Ack } from '../state/quorum.ts';
import { isClosed } from '../state/quorum.ts';
import { objection, type Proposal, type ProposalReason, type Version } from '../state/versions.ts';
import type { Hash } from '../units.ts';
import { ALLOW, type Decision, deny } from './decision.ts';

/** What one principal has acked so far: version → candidate, or null for VOID. It survives restarts, because its log does. */
export type Slots = ReadonlyMap<number, Hash | null>;

/** Why a principal must not ack. */
type AckReason = ProposalReason | 'slot-taken';

/** Whether a principal may ack a proposal on the newest version that it knows (rules R1, R2, R4, R6). */
export function mayAck(slots: Slots, proposal: Proposal, newest: Version): Decision<AckReason> {
  const against = objection(proposal, newest);
  if (against !== null) return deny(against);
  // The attack: a second ack for one version lets two candidates win it.
  if (slots.has(proposal.version)) return deny('slot-taken', `version ${proposal.version}`);
  return ALLOW;
}

/** The lowest version after the newest that is not proven closed: the only one that may be voided (rule R5). */
export function nextUndecided(newest: Version, acksFor: (version: number) => readonly Ack[]): number {
  let version = newest.version + 1;
  while (isClosed(acksFor(version), newest.roster)) version += 1;
  return version;
}

/** Whether a principal may give its slot for a version to VOID (rules R2, R5, R6). */
export function mayVoid(
  slots: Slots,
  version: number,
  newest: Version,
  acksFor: (version: number) => readonly Ack[],
): Decision<'superseded' | 'slot-taken' | 'not-next-undecided'> {
  if (version <= newest.version) return deny('superseded');
  if (slots.has(version)) return deny('slot-taken', `version ${version}`);
  if (version !== nextUndecided(newest, acksFor)) return deny('not-next-undecided');
  return ALLOW;
}

/** The version that alone may open a term of a class: the newest that governs from there or before (rule T3). */
export function governing(versions: readonly Version[], hostClass: string, term: number): Version | null {
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i];
    const first = version?.firstTerms.get(hostClass);
    if (version !== undefined && first !== undefined && first <= term) return version;
  }
  return null;
}

/** Whether a voter may open a term for a version: it governs the term, and the voter has acked no later one that may still win (rules T1, T3). */
export function mayOpenTerm(
  slots: Slots,
  versions: readonly Version[],
  of: Version,
  at: { readonly hostClass: string; readonly term: number },
  acksFor: (version: number) => readonly Ack[],
): Decision<'not-governed' | 'acked-later'> {
  if (governing(versions, at.hostClass, at.term) !== of) return deny('not-governed');
  const newest = versions.at(-1);
  for (const [version, candidate] of slots) {
    if (candidate === null || version <= of.version) continue;
    // The attack: an opening after the ack, which the ack did not state, lets two versions govern one term.
    if (!isLost(version, candidate)) return deny('acked-later', `version ${version}`);
  }
  return ALLOW;

  function isLost(version: number, candidate: Hash): boolean {
    if (newest === undefined || versions.some((known) => known.id === candidate)) return false;
    return version <= newest.version || isClosed(acksFor(version), newest.roster);
  }
}
