import { answer, type Effect } from './effect.ts';
import type { HeldLease } from './lease.ts';
import { writeLease } from './lease-store.ts';
import { featureOf } from './lingering.ts';
import type { Model } from './model.ts';

/**
 * Hears from a tool that it is in use. That it says so at all is on disk, so that a restart does not make a tool that went
 * silent one that never spoke; when it said so is not, and its time begins anew with the agent.
 */
export function hearTool(model: Model, call: number, id: string): Effect[] {
  const held = model.leases.get(id);
  if (held === undefined || held.lease.tie === 'linger') {
    return [answer(call, { ok: false, reason: 'not-found', detail: `no lease ${id}` })];
  }
  const lease = { ...held.lease, speaks: true } as const;
  model.leases.put({ ...held, lease, heard: model.running });
  const told = answer(call, { ok: true, kind: 'active', within: timeoutOf(model, held) });
  return held.lease.speaks ? [told] : [{ kind: 'write', writes: [writeLease(lease)] }, told];
}

/** Running seconds for which a tool has been silent that says when it is in use; null for one that does not. */
export function silenceOf(model: Model, { heard, lease }: HeldLease): number | null {
  return lease.speaks ? Math.max(0, model.running - (heard ?? model.startedAt)) : null;
}

/** Whether a seat is to be taken back, since its tool has not been in use for longer than its feature allows. */
export function isIdle(model: Model, held: HeldLease): boolean {
  const silence = silenceOf(model, held);
  const timeout = timeoutOf(model, held);
  return silence !== null && timeout !== null && silence >= timeout;
}

// What was borrowed was promised until its end, whatever becomes of the tool, and what lingers has none.
function timeoutOf(model: Model, { lease }: HeldLease): number | null {
  if (lease.tie === 'borrow' || lease.tie === 'linger') return null;
  return featureOf(model, lease.feature)?.timeout ?? null;
}
