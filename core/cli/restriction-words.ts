import type { RestrictedReport } from '../agent/rollout-report.ts';
import { type Calendar, showMoment } from './moment.ts';

/** That somebody is shut out, by whom, since when and why. */
export function restrictionWords(
  { by, id, kind, reason, since }: RestrictedReport,
  calendar: Calendar,
): string {
  if (kind === 'forked') return `${id} has signed two histories: its log is frozen`;
  const who = by === null ? '' : ` by ${by}`;
  const when = since === null ? '' : ` since ${showMoment(since, calendar)}`;
  return `${id} is revoked${who}${when}: ${reason}`;
}

/** Until when a host that is shut out may be leasing, where nobody can reach it; null for none. */
export function seatWords(
  restricted: Pick<RestrictedReport, 'id' | 'seatsUntil'>,
  calendar: Calendar,
): string | null {
  const end = seatEndWords(restricted, calendar);
  return end === null ? null : `${end}; more are opened to it until a version is without it`;
}

/** The same of a host for which no more terms may be opened. */
export function seatEndWords(
  { id, seatsUntil }: Pick<RestrictedReport, 'id' | 'seatsUntil'>,
  calendar: Calendar,
): string | null {
  if (seatsUntil === null) return null;
  return `${id} may use its seats until ${showMoment(seatsUntil, calendar)}, by the terms opened so far`;
}

/** What lets somebody in again who is shut out. */
export function wayBack({ by }: Pick<RestrictedReport, 'by'>): string {
  return `ask ${by ?? 'an issuer'} for an invitation, then leasehold identity rotate FILE`;
}

/** What settles that somebody is shut out for good. */
export function wayOn({ id, member }: RestrictedReport): string {
  return `leasehold registry remove ${member === 'host' ? 'hosts' : 'people'}/${id}, then leasehold config publish`;
}
