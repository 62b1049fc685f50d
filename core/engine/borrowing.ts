import { freeSeats, freeUntil } from '../decide/capacity.ts';
import { type CheckoutDecision, type CheckoutQuestion, decideEntitlement } from '../decide/checkout.ts';
import { decideKept, decideLimits } from '../decide/limits.ts';
import { spansThrough } from '../decide/lots.ts';
import { isoTime } from '../state/period.ts';
import { entryOf } from '../state/registry.ts';
import { type Seconds, seconds } from '../units.ts';
import type { CheckoutRequest, Lease } from './lease.ts';
import { featureOf } from './lingering.ts';
import { endsOf, isAhead, lotQuestion, type Model, pendingVersion } from './model.ts';

/**
 * Whether this host may lend a seat until an instant that lies beyond the present term: for that every term until then has
 * to be certified, for this host or for those whose seats came to it (DESIGN: seats, borrow).
 */
export function decideBorrow(model: Model, question: CheckoutQuestion, until: Seconds): CheckoutDecision {
  const { configuration, feature, time } = question;
  const lots = lotQuestion(model);
  if (entryOf(configuration.registry.features, feature) === undefined) {
    return { allow: false, reason: 'unknown-feature', detail: `no feature ${feature}` };
  }
  const entitled = decideEntitlement(question);
  if (!entitled.allow) return entitled;
  if (lots === null || time.lower === null || time.upper === null) {
    return { allow: false, reason: 'time-unknown', detail: 'no relay has signed the time recently enough' };
  }
  // Whoever waited in the queue may have waited too long.
  if (time.upper >= until) return { allow: false, reason: 'expired', detail: 'that time is past' };
  if (pendingVersion(model) !== null) {
    return { allow: false, reason: 'draining', detail: 'a newer version is about to be applied' };
  }
  if (entitled.end < until) {
    return { allow: false, reason: 'expired', detail: `its period ends at ${isoTime(entitled.end)}` };
  }
  const { certain, spans } = spansThrough(lots, feature, time.lower, until);
  if (certain < until) {
    const detail = `the voters have opened the terms of this host until ${isoTime(certain)}, not until ${isoTime(until)}`;
    return { allow: false, reason: 'no-term', detail };
  }
  const now = time.lower;
  const last = freeUntil(spans, endsOf(model, feature), now, until);
  if (last === null || last < until) {
    const detail =
      last === null ? 'none of its seats here is free' : `a seat is free here until ${isoTime(last)}`;
    return { allow: false, reason: 'no-seat', detail };
  }
  const limit = decideLimits(question);
  if (!limit.allow) return { allow: false, reason: limit.reason, detail: limit.detail ?? '' };
  const kept = decideKept(question, () => freeSeats(spans, question.ends(), now, until));
  if (!kept.allow) return { allow: false, reason: kept.reason, detail: kept.detail ?? '' };
  return { allow: true, end: seconds(until), warnings: entitled.warnings };
}

/** The borrowed lease whose seat a checkout may use: the same user's, of the same feature, certainly not over, and nobody is using it, or the feature counts users. */
export function borrowedLease(model: Model, { feature, user }: CheckoutRequest): Lease | null {
  const isUsable = ({ end, id }: Lease) =>
    isAhead(model, end) && (model.leases.under(id).length === 0 || featureOf(model, feature)?.per === 'user');
  return model.leases.ofUser(feature, user, 'borrow').find(({ lease }) => isUsable(lease))?.lease ?? null;
}
