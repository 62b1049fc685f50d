import { decideEntitlement } from '../decide/checkout.ts';
import { lotsIn } from '../decide/lots.ts';
import { type Seconds, seconds } from '../units.ts';
import { barredBecause } from './admission.ts';
import { checkoutQuestion } from './checkout-question.ts';
import { type Effect, leaseEvent } from './effect.ts';
import type { HeldLease, Lease } from './lease.ts';
import { writeLease } from './lease-store.ts';
import { lotQuestion, type Model, pendingVersion } from './model.ts';
import { renewRiders } from './seat-sharing.ts';
import { timeNamed } from './time-named.ts';

/** Part of a term, and seconds at most, before its end in which leases are renewed into the next. */
const RENEW_SHARE = 0.1;
const RENEW_WITHIN = 900;

/** The instant from which leases are renewed into the term after this one. */
export function renewFrom(term: { readonly from: Seconds; readonly until: Seconds }): Seconds {
  return seconds(term.until - Math.min(RENEW_WITHIN, RENEW_SHARE * (term.until - term.from)));
}

/** Extends a lease into the next term while the lot of this host and its rules allow it; an empty list where they do not. */
export function renew(model: Model, held: HeldLease): Effect[] {
  const { lease } = held;
  if (lease.tie === 'borrow' || lease.tie === 'linger' || lease.under !== undefined) return [];
  const question = lotQuestion(model);
  const checkoutNow = checkoutQuestion(model, lease.feature, lease.user);
  const { upper } = model.time;
  // Once a version is certified nothing is renewed under the old one: the end of the term is the deadline.
  if (question === null || checkoutNow === null || upper === null || pendingVersion(model) !== null)
    return [];
  if (barredBecause(model) !== null) return [];
  const view = checkoutNow.lots;
  if (!view.ok || lease.end > view.term.until || upper < renewFrom(view.term)) return [];
  const next = lease.end < view.term.until ? view : lotsIn(question, view.term.index + 1);
  const entitled = decideEntitlement(checkoutNow);
  if (!next.ok || !entitled.allow || heldInto(model, lease, next.term) >= next.lot(lease.feature)) return [];
  const end = seconds(Math.min(next.term.until, entitled.end));
  if (end <= lease.end) return [];
  const renewed = { ...lease, end, ...timeNamed(model) };
  model.leases.put({ ...held, lease: renewed });
  const writes = [writeLease(renewed), ...renewRiders(model, renewed)];
  return [{ kind: 'write', writes }, leaseEvent(lease.id, 'granted')];
}

// However soon they end there, all that reach into a term use its lot.
function heldInto(model: Model, { feature, id }: Lease, term: { readonly from: Seconds }): number {
  const others = model.leases
    .ofFeature(feature)
    .filter(({ lease }) => lease.id !== id && lease.under === undefined);
  return others.filter(({ lease }) => lease.end > term.from).length;
}
