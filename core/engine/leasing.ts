import {
  type CheckoutDecision,
  type CheckoutDenial,
  type CheckoutQuestion,
  decideCheckout,
  decideEntitlement,
  PASSING,
} from '../decide/checkout.ts';
import { PERSONAL } from '../decide/limits.ts';
import { lotsIn } from '../decide/lots.ts';
import { entryOf } from '../state/registry.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { borrowedLease, decideBorrow } from './borrowing.ts';
import { checkoutQuestion, usesOf } from './checkout-question.ts';
import type { AgentEvent, Answer, Effect } from './effect.ts';
import type { CheckoutRequest, HeldLease, Lease } from './lease.ts';
import { eraseLease, writeLease } from './lease-store.ts';
import { lingering, lingeringLease } from './lingering.ts';
import { endsOf, isRestricted, lotQuestion, type Model, pendingVersion } from './model.ts';
import { renewFrom } from './renewal.ts';
import { ASK_FOR, peersWith } from './seat-asking.ts';
import { handOver, renewRiders, ridersOf, sharedLease } from './seat-sharing.ts';
import { waitingLine } from './waiting-line.ts';

/** Running time for which a lease whose connection broke waits to be taken up again. */
export const ORPHAN_GRACE = seconds(30);
/** Checkouts that may wait at one host. */
const MAX_QUEUE = 1000;

/** Denials that a seat of another host would help. */
const ELSEWHERE: ReadonlySet<CheckoutDenial> = new Set(['no-seat', 'reserved']);

/** A client's command with the place to answer it. */
export interface Call {
  readonly call: number;
  readonly client: number;
}

/** Decides a checkout: a lease that is on disk before anybody sees it, a place in the queue, or a denial (DESIGN: leases). */
export function checkout(
  model: Model,
  { call, client }: Call,
  request: CheckoutRequest,
  id: string,
  secret: string,
): Effect[] {
  // The attack: two tools that ask under one id would hold two seats and count as one.
  if (isTaken(model, id))
    return [answer(call, { ok: false, reason: 'conflict', detail: `id ${id} is taken` })];
  if (request.until !== undefined && request.until <= (model.time.upper ?? 0)) {
    return [answer(call, { ok: false, reason: 'malformed', detail: 'that time is past' })];
  }
  const decision = decide(model, request);
  if (decision.allow) return grant(model, { call, client }, request, id, secret, decision.end, null);
  const waiting = { client, call, request, id, secret, since: model.running };
  if (mayQueue(model, request, decision)) {
    const ticket = model.nextTicket;
    model.nextTicket += 1;
    const place = { ...waiting, ticket, patience: null };
    model.queue.push(place);
    const position = waitingLine(model).indexOf(place) + 1;
    return [answer(call, { ok: true, kind: 'queued', ticket, position })];
  }
  const others = ELSEWHERE.has(decision.reason) && peersWith(model, request.feature).length > 0;
  if (others && model.queue.length < MAX_QUEUE) {
    // Another host has a seat to spare: the answer waits for it, but not for long.
    const patience = seconds(model.running + ASK_FOR);
    model.queue.push({ ...waiting, ticket: null, patience });
    return [];
  }
  noteDenial(model, request.feature);
  return [answer(call, { ok: false, reason: decision.reason, detail: decision.detail })];
}

function isTaken(model: Model, id: string): boolean {
  return model.leases.has(id) || model.queue.some((waiting) => waiting.id === id);
}

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
export function isDraining(model: Model): boolean {
  return pendingVersion(model)?.roster.policy.apply === 'drain' && model.applied !== null;
}

function grant(
  model: Model,
  { call, client }: Call,
  request: CheckoutRequest,
  id: string,
  secret: string,
  end: Seconds,
  ticket: number | null,
): Effect[] {
  const question = lotQuestion(model);
  if (model.applied === null || question === null) return [];
  const under = request.until === undefined ? seatOf(model, request) : null;
  const again = under === null ? lingeringLease(model, request) : null;
  const lease: Lease = {
    id,
    secret,
    feature: request.feature,
    user: request.user as PrincipalId,
    process: request.process,
    tie: request.until === undefined ? request.tie : 'borrow',
    host: question.host,
    version: model.applied.version.version,
    versionId: model.applied.version.id,
    since: model.time.lower ?? seconds(0),
    end,
    ...(under === null ? {} : { under: under.id }),
  };
  if (again !== null) drop(model, again);
  hold(model, { lease, holder: { kind: 'attached', client } });
  notePeak(model, lease.feature);
  const told: Effect =
    ticket === null
      ? answer(call, { ok: true, kind: 'lease', lease })
      : { kind: 'event', to: client, event: { event: 'granted', ticket, lease } };
  const writes = [writeLease(lease), ...(again === null ? [] : [eraseLease(again)])];
  return [{ kind: 'write', writes }, told, leaseEvent(id, 'granted')];
}

// Whether a seat is this user's already, shared or lingering: no other has to be free.
function hasSeat(model: Model, request: CheckoutRequest): boolean {
  return sharedLease(model, request) !== null || lingeringLease(model, request) !== null;
}

// The lease whose seat a checkout uses, so that it takes none of its own.
function seatOf(model: Model, request: CheckoutRequest): Lease | null {
  return borrowedLease(model, request) ?? sharedLease(model, request);
}

function drop(model: Model, { feature, id, under }: Lease): void {
  model.leases.delete(id);
  if (under === undefined) count(model, feature, -1);
}

/** Counts a lease as held. One that uses a borrowed or shared seat uses no other. */
export function hold(model: Model, held: HeldLease): void {
  const { feature, id, under } = held.lease;
  if (!model.leases.has(id) && under === undefined) count(model, feature, 1);
  model.leases.set(id, held);
}

function count(model: Model, feature: string, change: 1 | -1): void {
  model.inUse.set(feature, (model.inUse.get(feature) ?? 0) + change);
}

/** Ends a lease: off the disk first, then told to everybody. What lingers stays there, and what others share is theirs. */
export function release(model: Model, id: string, state: 'returned' | 'ended' | 'removed'): Effect[] {
  const held = model.leases.get(id);
  if (held === undefined) return [];
  const heirs = handOver(model, held.lease);
  const rest = heirs.length > 0 || state === 'removed' ? null : lingering(model, held);
  if (rest !== null) {
    hold(model, rest);
    return [{ kind: 'write', writes: [writeLease(rest.lease)] }, leaseEvent(id, state)];
  }
  if (heirs.length > 0) model.leases.delete(id);
  else drop(model, held.lease);
  return [
    ...ridersOf(model, id).flatMap(({ lease }) => release(model, lease.id, 'ended')),
    { kind: 'write', writes: [eraseLease(held.lease), ...heirs] },
    leaseEvent(id, state),
  ];
}

/** Takes a lease up again after a broken connection: its holder knows the secret (DESIGN: leases). */
export function attach(model: Model, { call, client }: Call, id: string, secret: string): Effect[] {
  const held = model.leases.get(id);
  if (held === undefined || held.lease.tie === 'linger')
    return [answer(call, { ok: false, reason: 'not-found', detail: `no lease ${id}` })];
  if (held.lease.secret !== secret) {
    return [answer(call, { ok: false, reason: 'wrong-secret', detail: `lease ${id} belongs to another` })];
  }
  hold(model, { ...held, holder: { kind: 'attached', client } });
  return [answer(call, { ok: true, kind: 'lease', lease: held.lease })];
}

/** A connection broke: its leases become orphans, or stand by their process; its places in the queue are gone. */
export function clientGone(model: Model, client: number): Effect[] {
  for (let i = model.queue.length - 1; i >= 0; i--) {
    if (model.queue[i]?.client === client) model.queue.splice(i, 1);
  }
  const effects: Effect[] = [];
  for (const held of [...model.leases.values()]) {
    if (held.holder.kind !== 'attached' || held.holder.client !== client) continue;
    hold(model, orphan(model, held));
    if (held.lease.process.pid !== null && held.lease.tie !== 'borrow') {
      effects.push({ kind: 'probe', lease: held.lease });
    }
    if (held.lease.tie === 'connection') effects.push(leaseEvent(held.lease.id, 'orphaned'));
  }
  return effects;
}

/** The lease without a connection. */
export function orphan(model: Model, { lease }: HeldLease): HeldLease {
  const byProcess =
    lease.tie === 'borrow' ||
    lease.tie === 'linger' ||
    (lease.tie === 'process' && lease.process.pid !== null);
  return { lease, holder: byProcess ? { kind: 'process' } : { kind: 'orphaned', since: model.running } };
}

/** What a probe found: a lease whose process is certainly gone is free at once. */
export function probed(model: Model, id: string, gone: boolean): Effect[] {
  const held = model.leases.get(id);
  if (!gone || held === undefined || held.holder.kind === 'attached') return [];
  return release(model, id, 'ended');
}

/** What time does to leases: ends those that are over, renews those whose next term is open, frees orphans. */
export function ageLeases(model: Model): Effect[] {
  const effects: Effect[] = [];
  for (const held of [...model.leases.values()]) {
    const { holder, lease } = held;
    if (isOver(model, lease)) effects.push(...release(model, lease.id, 'ended'));
    else if (holder.kind === 'orphaned' && model.running - holder.since >= ORPHAN_GRACE) {
      effects.push(...release(model, lease.id, 'ended'));
    } else {
      if (holder.kind !== 'attached' && lease.process.pid !== null && lease.tie !== 'borrow')
        effects.push({ kind: 'probe', lease });
      effects.push(...renew(model, held));
    }
  }
  return effects;
}

// The holder stops when U has reached the end; a successor starts when L is past it: never both.
function isOver(model: Model, lease: Lease): boolean {
  const { draining, time } = model;
  if (lease.tie === 'linger' && pendingVersion(model) !== null) return true;
  // A borrowed seat was promised until its end, as the terms that it takes are certified: only the policy ends it sooner.
  const stays = lease.tie === 'borrow' && pendingVersion(model)?.roster.policy.deadline === null;
  const end = stays ? lease.end : Math.min(lease.end, draining?.deadline ?? lease.end);
  const now = time.upper ?? time.lower;
  return now !== null && now >= end;
}

function renew(model: Model, held: HeldLease): Effect[] {
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
  const renewed = { ...lease, end };
  hold(model, { ...held, lease: renewed });
  const writes = [writeLease(renewed), ...renewRiders(model, renewed)];
  return [{ kind: 'write', writes }, leaseEvent(lease.id, 'granted')];
}

// However soon they end there, all that reach into a term use its lot.
function heldInto(model: Model, { feature, id }: Lease, term: { readonly from: Seconds }): number {
  const others = [...model.leases.values()].filter(
    ({ lease }) => lease.feature === feature && lease.id !== id && lease.under === undefined,
  );
  return others.filter(({ lease }) => lease.end > term.from).length;
}

/** Serves the queue, the highest priority first, then the longest waiting. */
export function serveQueue(model: Model): Effect[] {
  const effects: Effect[] = [];
  const full = new Set<string>();
  for (const waiting of waitingLine(model)) {
    // What passes by itself is the same for everybody who waits for the feature.
    const isFull = full.has(waiting.request.feature) && !hasSeat(model, waiting.request);
    if (isFull && waiting.patience === null) continue;
    const decision = decide(model, waiting.request);
    const isOver = waiting.patience !== null && model.running >= waiting.patience;
    if (!decision.allow && PASSING.has(decision.reason) && !isOver) {
      if (!PERSONAL.has(decision.reason)) full.add(waiting.request.feature);
      continue;
    }
    model.queue.splice(model.queue.indexOf(waiting), 1);
    const { client, id, request, secret, ticket } = waiting;
    if (decision.allow) {
      effects.push(...grant(model, waiting, request, id, secret, decision.end, ticket));
    } else if (ticket === null) {
      noteDenial(model, request.feature);
      const { detail, reason } = decision;
      effects.push(answer(waiting.call, { ok: false, reason, detail }));
    } else {
      const event: AgentEvent = { event: 'denied', ticket, reason: decision.reason, detail: decision.detail };
      effects.push({ kind: 'event', to: client, event });
    }
  }
  return effects;
}

function notePeak(model: Model, feature: string): void {
  const now = model.inUse.get(feature) ?? 0;
  model.usage.peaks.set(feature, Math.max(now, model.usage.peaks.get(feature) ?? 0));
}

function noteDenial(model: Model, feature: string): void {
  const features = model.applied?.configuration.registry.features ?? {};
  if (entryOf(features, feature) === undefined) return;
  model.usage.denials.set(feature, (model.usage.denials.get(feature) ?? 0) + 1);
}

/** The effect of answering a command. */
export function answer(call: number, result: Answer): Effect {
  return { kind: 'answer', call, answer: result };
}

function leaseEvent(lease: string, state: (AgentEvent & { event: 'lease' })['state']): Effect {
  return { kind: 'event', to: 'all', event: { event: 'lease', lease, state } };
}
