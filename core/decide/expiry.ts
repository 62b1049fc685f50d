import type { TimeView } from '../state/clock.ts';
import { type Seconds, seconds } from '../units.ts';

/** Running time without outside evidence after which a host counts as offline and says so. */
export const OFFLINE_AFTER = seconds(3600);

/** What is asked: whether something with this period may be used, as far as time is concerned. */
interface ExpiryQuestion {
  readonly period: { readonly from: Seconds; readonly until: Seconds };
  readonly time: TimeView;
  readonly maxOffline: Seconds;
  /** How long before the end to warn. */
  readonly warnBefore: Seconds;
}

/** What a user should know though the answer is yes. */
export type ExpiryWarning =
  | { readonly kind: 'expires-soon'; readonly at: Seconds }
  /** Without outside evidence the answer becomes no at `until`. */
  | { readonly kind: 'offline'; readonly until: Seconds }
  | { readonly kind: 'time-conflict' };

/** Why the answer is no. */
export type ExpiryDenial = 'expired' | 'not-started' | 'offline-too-long' | 'time-unknown';

/** The answer; `changesAt` is when a no becomes a yes by itself, null where only evidence or a renewal helps. */
export type ExpiryDecision =
  | { readonly allow: true; readonly warnings: readonly ExpiryWarning[] }
  | { readonly allow: false; readonly reason: ExpiryDenial; readonly changesAt: Seconds | null };

/** Decides by the lower bound and the offline age alone, never by an upper bound or the wall clock (DESIGN: time). */
export function decideExpiry({ period, time, maxOffline, warnBefore }: ExpiryQuestion): ExpiryDecision {
  const { lower, offlineAge } = time;
  if (lower === null) return deny('time-unknown');
  if (lower > period.until) return deny('expired');
  if (!(lower >= period.from)) return deny('not-started', period.from);
  // Whoever cuts the network to keep the lower bound low runs out of this instead.
  if (!(offlineAge <= maxOffline)) return deny('offline-too-long');

  const warnings: ExpiryWarning[] = [];
  if (period.until - lower <= warnBefore) warnings.push({ kind: 'expires-soon', at: period.until });
  if (offlineAge > OFFLINE_AFTER)
    warnings.push({ kind: 'offline', until: seconds(lower + maxOffline - offlineAge) });
  if (time.conflict) warnings.push({ kind: 'time-conflict' });
  return { allow: true, warnings };
}

function deny(reason: ExpiryDenial, changesAt: Seconds | null = null): ExpiryDecision {
  return { allow: false, reason, changesAt };
}
