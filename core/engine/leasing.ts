import { type CheckoutDenial, PASSING } from '../decide/checkout.ts';
import { PERSONAL } from '../decide/limits.ts';
import { entryOf } from '../state/registry.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { decide, MAX_QUEUE, mayQueue } from './admission.ts';
import { borrowedLease } from './borrowing.ts';
import { type AgentEvent, answer, type Call, type Effect, leaseEvent } from './effect.ts';
import { drop } from './holdings.ts';
import type { CheckoutRequest, Lease } from './lease.ts';
import { eraseLease, writeLease } from './lease-store.ts';
import { lingeringLease } from './lingering.ts';
import { lotQuestion, type Model } from './model.ts';
import { ASK_FOR, peersWith } from './seat-asking.ts';
import { sharedLease } from './seat-sharing.ts';
import { setUps } from './setting-up.ts';
import { timeNamed } from './time-named.ts';
import { notePeak, noteRefusal } from './usage-hour.ts';
import { waitingLine } from './waiting-line.ts';

/** Denials that a seat of another host would help. */
const ELSEWHERE: ReadonlySet<CheckoutDenial> = new Set(['no-seat', 'reserved']);

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
  noteDenial(model, request, decision.reason);
  return [answer(call, { ok: false, reason: decision.reason, detail: decision.detail })];
}

function isTaken(model: Model, id: string): boolean {
  return model.leases.has(id) || model.queue.some((waiting) => waiting.id === id);
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
    ...timeNamed(model),
    ...(under === null ? {} : { under: under.id }),
  };
  if (again !== null) drop(model, again);
  model.leases.put({ lease, holder: { kind: 'attached', client } });
  notePeak(model, lease.feature);
  const told: Effect =
    ticket === null
      ? answer(call, { ok: true, kind: 'lease', lease })
      : { kind: 'event', to: client, event: { event: 'granted', ticket, lease } };
  const writes = [writeLease(lease), ...(again === null ? [] : [eraseLease(again)])];
  return [...setUps(model, lease.feature), { kind: 'write', writes }, told, leaseEvent(id, 'granted')];
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
      continue;
    }
    noteDenial(model, request, decision.reason);
    if (ticket === null) {
      const { detail, reason } = decision;
      effects.push(answer(waiting.call, { ok: false, reason, detail }));
    } else {
      const event: AgentEvent = { event: 'denied', ticket, reason: decision.reason, detail: decision.detail };
      effects.push({ kind: 'event', to: client, event });
    }
  }
  return effects;
}

// Whether a seat is this user's already, shared or lingering: no other has to be free.
function hasSeat(model: Model, request: CheckoutRequest): boolean {
  return sharedLease(model, request) !== null || lingeringLease(model, request) !== null;
}

// The lease whose seat a checkout uses, so that it takes none of its own.
function seatOf(model: Model, request: CheckoutRequest): Lease | null {
  return borrowedLease(model, request) ?? sharedLease(model, request);
}

function noteDenial(model: Model, { feature, user }: CheckoutRequest, reason: CheckoutDenial): void {
  const features = model.applied?.configuration.registry.features ?? {};
  if (entryOf(features, feature) !== undefined) noteRefusal(model, { feature, user, reason });
}
