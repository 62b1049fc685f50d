import { type CheckoutDecision, type CheckoutQuestion, decideCheckout, PASSING } from '../decide/checkout.ts';
import { borrowedLease, decideBorrow } from './borrowing.ts';
import { checkoutQuestion, usesOf } from './checkout-question.ts';
import type { CheckoutRequest } from './lease.ts';
import { lingeringLease } from './lingering.ts';
import { endsOf, isRestricted, type Model, pendingVersion } from './model.ts';
import { sharedLease } from './seat-sharing.ts';

/** Checkouts that may wait at one host. */
export const MAX_QUEUE = 1000;

/** Whether a request that is denied may wait here for what denies it to pass. */
export function mayQueue(
  model: Model,
  { wait }: CheckoutRequest,
  { reason }: CheckoutDecision & { allow: false },
): boolean {
  return wait && PASSING.has(reason) && model.queue.length < MAX_QUEUE;
}

/** Whether a request gets a lease at this moment, and until when. */
export function decide(model: Model, request: CheckoutRequest): CheckoutDecision {
  const question = questionOf(model, request);
  const borrowed = request.until === undefined ? borrowedLease(model, request) : null;
  if (borrowed !== null) return { allow: true, end: borrowed.end, warnings: [] };
  if (question === null) {
    return { allow: false, reason: 'no-configuration', detail: 'no version has been applied on this host' };
  }
  const barred = barredBecause(model);
  if (barred !== null) return { allow: false, reason: 'restricted', detail: barred };
  const decision = decideSeat(model, question, request);
  if (!decision.allow || !isDraining(model)) return decision;
  return {
    allow: false,
    reason: 'draining',
    detail: `version ${pendingVersion(model)?.version} is about to be applied`,
  };
}

// Whoever takes up a lingering seat again uses no other.
function questionOf(model: Model, request: CheckoutRequest): CheckoutQuestion | null {
  const { feature, user } = request;
  const question = checkoutQuestion(model, feature, user);
  const again = lingeringLease(model, request);
  if (question === null || again === null) return question;
  return {
    ...question,
    ends: () => endsOf(model, feature, again.id),
    uses: () => usesOf(model, feature, again.id),
  };
}

function decideSeat(model: Model, question: CheckoutQuestion, request: CheckoutRequest): CheckoutDecision {
  const shared = sharedLease(model, request);
  if (shared !== null) return { allow: true, end: shared.end, warnings: [] };
  return request.until === undefined
    ? decideCheckout(question)
    : decideBorrow(model, question, request.until);
}

const UNSURE = 'neither others nor the counter have vouched yet for what this host has signed';

/** Why this host lends nothing and renews nothing, whatever its version says: a copy of it may be lending the same lot, or somebody who stole its key. Null if nothing bars it. */
export function barredBecause(model: Model): string | null {
  if (model.stale) return 'this data directory is older than what this host has signed';
  // A disk put back without its counter has forgotten which seats it gave away (rule R7).
  if (!model.compared && !model.vouched) return UNSURE;
  return isRestricted(model) ? "this host's log has been revoked or frozen" : null;
}

/** Whether no new lease is given until the pending version is applied. */
function isDraining(model: Model): boolean {
  return pendingVersion(model)?.roster.policy.apply === 'drain' && model.applied !== null;
}
