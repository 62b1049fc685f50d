import { answer, type Call, type Effect, type LeaseOver, leaseEvent } from './effect.ts';
import type { HeldLease, Lease } from './lease.ts';
import { eraseLease, writeLease } from './lease-store.ts';
import { lingering } from './lingering.ts';
import type { Model } from './model.ts';
import { handOver } from './seat-sharing.ts';
import { noteEnd } from './usage-hour.ts';

/** Counts a lease as held no longer, and says in the usage how it ended. */
export function drop(model: Model, lease: Lease, state: LeaseOver = 'returned'): void {
  model.leases.delete(lease.id);
  if (lease.under === undefined) noteEnd(model, lease, state === 'idle');
}

/** Ends a lease: off the disk first, then told to everybody. What lingers stays there, and what others share is theirs. */
export function release(model: Model, id: string, state: LeaseOver): Effect[] {
  const held = model.leases.get(id);
  if (held === undefined) return [];
  const heirs = handOver(model, held.lease);
  const isTaken = state === 'removed' || state === 'idle';
  const rest = heirs.length > 0 || isTaken ? null : lingering(model, held);
  if (rest !== null) {
    model.leases.put(rest);
    return [{ kind: 'write', writes: [writeLease(rest.lease)] }, leaseEvent(id, state)];
  }
  if (heirs.length > 0) model.leases.delete(id);
  else drop(model, held.lease, state);
  return [
    ...model.leases.under(id).flatMap(({ lease }) => release(model, lease.id, 'ended')),
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
  model.leases.put({ ...held, holder: { kind: 'attached', client } });
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
    model.leases.put(orphan(model, held));
    if (held.lease.process.pid !== null && held.lease.tie !== 'borrow') {
      effects.push({ kind: 'probe', lease: held.lease });
    }
    if (held.lease.tie === 'connection') effects.push(leaseEvent(held.lease.id, 'orphaned'));
  }
  return effects;
}

/** The lease without a connection. */
export function orphan(model: Model, held: HeldLease): HeldLease {
  const { lease } = held;
  const byProcess =
    lease.tie === 'borrow' ||
    lease.tie === 'linger' ||
    (lease.tie === 'process' && lease.process.pid !== null);
  const holder = byProcess
    ? ({ kind: 'process' } as const)
    : ({ kind: 'orphaned', since: model.running } as const);
  return { ...held, holder };
}

/** What a probe found: a lease whose process is certainly gone is free at once. */
export function probed(model: Model, id: string, gone: boolean): Effect[] {
  const held = model.leases.get(id);
  if (!gone || held === undefined || held.holder.kind === 'attached') return [];
  return release(model, id, 'ended');
}
