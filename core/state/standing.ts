import type { Hash, LogId, PrincipalId, PublicKey } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import { acksFor, endOfLog, membersAmong } from './evidence.ts';
import type { Membership } from './membership.ts';
import { proposalsOn } from './proposals.ts';
import { hasQuorum, memberOf, ownerOf } from './quorum.ts';
import type { Member, Roster } from './roster.ts';

/** What a log may do at present. */
export type Standing =
  | { readonly kind: 'member'; readonly member: Member; readonly end: number | null }
  | { readonly kind: 'invited'; readonly invitation: Verified<'invite'>; readonly end: number | null }
  | { readonly kind: 'unknown' };

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

/** The one invitation for a log id that still counts; null when there is none or they are several. */
export function invitationOf(membership: Membership, log: LogId): Verified<'invite'> | null {
  const invitations = invitationsTo(membership, log);
  // Two invitations for one log id: nobody can tell whom it was meant for.
  return invitations.length === 1 ? (invitations[0] ?? null) : null;
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
