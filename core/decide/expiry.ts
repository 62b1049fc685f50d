import type { TimeView } from '../state/clock.ts';
import { isoTime } from '../state/period.ts';
import { type Seconds, seconds } from '../units.ts';
import type { Span } from './spans.ts';

/** Running time without outside evidence after which a host counts as offline and says so. */
export const OFFLINE_AFTER = seconds(3600);
/** How long before the end of a period a yes comes with a warning. */
export const WARN_BEFORE = seconds(14 * 86_400);

/** What is asked: whether something may be used, as far as time is concerned. */
interface ExpiryQuestion {
  /** When it may be used, as `union` gives it: spans that overlap or touch govern as one. */
  readonly spans: readonly Span[];
  readonly time: TimeView;
  readonly maxOffline: Seconds;
  /** How long before the end to warn. */
  readonly warnBefore: Seconds;
  /** Whether a period by days could begin, had this host a way to say so, and when. */
  readonly awaitsSetUp?: boolean;
}

/** What a user should know though the answer is yes. */
export type ExpiryWarning =
  | { readonly kind: 'expires-soon'; readonly at: Seconds }
  /** Without outside evidence the answer becomes no at `until`. */
  | { readonly kind: 'offline'; readonly until: Seconds }
  | { readonly kind: 'time-conflict' };

/** Why the answer is no. */
type ExpiryDenial =
  | 'time-unknown'
  | 'no-period'
  | 'not-started'
  | 'expired'
  | 'offline-too-long'
  | 'not-set-up';

/** The answer; `changesAt` is when it becomes another by itself, null where only evidence or a renewal helps. */
export type ExpiryDecision =
  | {
      readonly allow: true;
      /** The end of the span that governs. */
      readonly end: Seconds;
      readonly changesAt: Seconds;
      readonly warnings: readonly ExpiryWarning[];
    }
  | {
      readonly allow: false;
      readonly reason: ExpiryDenial;
      readonly changesAt: Seconds | null;
      /** The end of the last span that is over, if one is. */
      readonly ended: Seconds | null;
    };

/** Decides by the lower bound and the offline age alone, never by an upper bound or the wall clock (DESIGN: time). */
export function decideExpiry(question: ExpiryQuestion): ExpiryDecision {
  const { awaitsSetUp = false, maxOffline, spans, time, warnBefore } = question;
  const { lower, offlineAge } = time;
  if (lower === null) return deny('time-unknown');
  const current = spans.find(({ from, until }) => from <= lower && lower <= until);
  if (current === undefined && !awaitsSetUp) return denyOutside(spans, lower);
  // Whoever cuts the network to keep the lower bound low runs out of this instead.
  if (!(offlineAge <= maxOffline)) return deny('offline-too-long');
  if (current === undefined) return deny('not-set-up');

  const { until } = current;
  const graceEnd = seconds(lower + maxOffline - offlineAge);
  const warnings: ExpiryWarning[] = [];
  if (until - lower <= warnBefore) warnings.push({ kind: 'expires-soon', at: until });
  if (offlineAge > OFFLINE_AFTER) warnings.push({ kind: 'offline', until: graceEnd });
  if (time.conflict) warnings.push({ kind: 'time-conflict' });
  return { allow: true, end: until, changesAt: seconds(Math.min(until, graceEnd)), warnings };
}

function denyOutside(spans: readonly Span[], lower: Seconds): ExpiryDecision {
  if (spans.length === 0) return deny('no-period');
  // Written so that a bound which is no number denies.
  const next = spans.find(({ from }) => !(from <= lower));
  const ended = spans.findLast(({ until }) => lower > until)?.until ?? null;
  return next === undefined ? deny('expired', null, ended) : deny('not-started', next.from, ended);
}

function deny(
  reason: ExpiryDenial,
  changesAt: Seconds | null = null,
  ended: Seconds | null = null,
): ExpiryDecision & { readonly allow: false } {
  return { allow: false, reason, changesAt, ended };
}

/** What is known of time, as far as it matters to a period: each row of the table of decisions (DESIGN: time). */
export type TimeState = 'open' | ExpiryWarning['kind'] | ExpiryDenial;

/** One row of the table for people and programs. */
export interface TimeStanding {
  readonly state: TimeState;
  readonly allow: boolean;
  readonly sentence: string;
  /** When this changes by itself; null where only evidence or a new version helps. */
  readonly changesAt: Seconds | null;
}

/** The sentence of each state; `at` is when it changes, `ended` when the last span ended. */
const SENTENCES: Readonly<
  Record<TimeState, (facts: { readonly at: string; readonly ended: string | null }) => string>
> = {
  open: ({ at }) => `its period is open until ${at}`,
  'expires-soon': ({ at }) => `its period ends at ${at}`,
  offline: ({ at }) => `no relay has been reached lately; without one it stops at ${at}`,
  'time-conflict': () => 'relays contradict each other about the time: at least one lies',
  'time-unknown': () => 'no relay has ever signed the time for this host',
  'no-period': () => 'no period covers it',
  'not-started': ({ at, ended }) =>
    ended === null ? `its period starts at ${at}` : `its period ended at ${ended}, the next starts at ${at}`,
  expired: ({ ended }) => `its period ended at ${ended}`,
  'offline-too-long': () => 'no relay has been reached for longer than this class of host may be offline',
  'not-set-up': () =>
    'its period begins with set-up here, for which it is too early to write or the time too uncertain',
};

/** A decision in rows: a no is one, a yes is its warnings, or that it is open. */
export function standingsOf(decision: ExpiryDecision): readonly TimeStanding[] {
  if (!decision.allow) return [row(decision.reason, false, decision.changesAt, decision.ended)];
  const rows = decision.warnings.map((warning) => row(warning.kind, true, changeOf(warning)));
  return rows.length === 0 ? [row('open', true, decision.end)] : rows;
}

function changeOf(warning: ExpiryWarning): Seconds | null {
  if (warning.kind === 'time-conflict') return null;
  return warning.kind === 'offline' ? warning.until : warning.at;
}

function row(
  state: TimeState,
  allow: boolean,
  changesAt: Seconds | null,
  end: Seconds | null = null,
): TimeStanding {
  const ended = end === null ? null : isoTime(end);
  const at = changesAt === null ? '' : isoTime(changesAt);
  return { state, allow, sentence: SENTENCES[state]({ at, ended }), changesAt };
}
