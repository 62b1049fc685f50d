import { lastTermEnd } from '../../decide/last-term.ts';
import { barredBecause } from '../../engine/admission.ts';
import { type Model, newestVersion } from '../../engine/model.ts';
import { isRevocationValid } from '../../state/evidence.ts';
import { memberOf } from '../../state/quorum.ts';
import type { Member, Roster } from '../../state/roster.ts';
import type { Verified } from '../../verify/record.ts';
import type { RestrictedReport, RestrictionReport } from '../rollout-report.ts';
import type { ReportContext } from './context.ts';

/** What shuts a member of the newest roster out: every log of it has ended. Null while one goes on. */
export function restrictionOf(
  model: Model,
  context: Pick<ReportContext, 'firstSeen'>,
  member: Member,
): RestrictionReport | null {
  const newest = newestVersion(model);
  if (newest === null || member.logs.length === 0) return null;
  const ends = member.logs.map(({ log }) => ({
    forked: model.state.membership.forks.has(log),
    revocation: revocationOf(model, newest.roster, log),
  }));
  if (ends.some(({ forked, revocation }) => !forked && revocation === null)) return null;
  const revocation = ends.find((end) => end.revocation !== null)?.revocation ?? null;
  const { evidence, versions } = model.state.membership;
  const seatsUntil = lastTermEnd({ evidence, versions, seats: model.state.seats }, member);
  if (revocation === null) return { kind: 'forked', by: null, reason: '', since: null, seatsUntil };
  return {
    kind: 'revoked',
    by: memberOf(newest.roster, revocation.log, revocation.key)?.id ?? null,
    reason: revocation.body.reason,
    since: context.firstSeen(revocation.hash),
    seatsUntil,
  };
}

/** Every member of the newest roster that is shut out, by id. */
export function reportRestricted(
  model: Model,
  context: Pick<ReportContext, 'firstSeen'>,
): readonly RestrictedReport[] {
  const members = [...(newestVersion(model)?.roster.members.values() ?? [])];
  return members
    .map((member) => ({ member, restriction: restrictionOf(model, context, member) }))
    .flatMap(({ member: { id, kind }, restriction }) =>
      restriction === null ? [] : [{ id, member: kind, ...restriction }],
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether this host gives and renews no leases, whatever the version says. */
export function isBarred(model: Model): boolean {
  return barredBecause(model) !== null;
}

function revocationOf(
  model: Model,
  roster: Roster,
  log: Member['logs'][number]['log'],
): Verified<'revoke'> | null {
  const { evidence } = model.state.membership;
  for (const [id, record] of evidence.revocations) {
    if (record.body.logs.has(log) && isRevocationValid(evidence, id, record, roster)) return record;
  }
  return null;
}
