import { seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import { release } from './holdings.ts';
import { isIdle } from './idle-tools.ts';
import type { Lease } from './lease.ts';
import { type Model, pendingVersion } from './model.ts';
import { renew } from './renewal.ts';

/** Running time for which a lease whose connection broke waits to be taken up again. */
export const ORPHAN_GRACE = seconds(30);

/** What time does to leases: ends those that are over, renews those whose next term is open, frees orphans and what is not in use. */
export function ageLeases(model: Model): Effect[] {
  const effects: Effect[] = [];
  for (const held of [...model.leases.values()]) {
    const { holder, lease } = held;
    if (isOver(model, lease)) effects.push(...release(model, lease.id, 'ended'));
    else if (holder.kind === 'orphaned' && model.running - holder.since >= ORPHAN_GRACE) {
      effects.push(...release(model, lease.id, 'ended'));
    } else if (isIdle(model, held)) effects.push(...release(model, lease.id, 'idle'));
    else {
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
