import type { StoreWrite } from '../ports.ts';
import type { CheckoutRequest, HeldLease, Lease } from './lease.ts';
import { writeLease } from './lease-store.ts';
import { featureOf } from './lingering.ts';
import { isAhead, type Model } from './model.ts';

/** The lease whose seat another process of the same user on this host uses too, where the feature counts users and it is certainly not over. */
export function sharedLease(model: Model, { feature, until, user }: CheckoutRequest): Lease | null {
  if (until !== undefined || featureOf(model, feature)?.per !== 'user') return null;
  for (const { lease } of model.leases.values()) {
    const isRoot = lease.under === undefined && lease.tie !== 'linger';
    if (!isRoot || lease.feature !== feature || lease.user !== user) continue;
    if (isAhead(model, lease.end)) return lease;
  }
  return null;
}

/** The leases that use the seat of another. */
export function ridersOf(model: Model, id: string): readonly HeldLease[] {
  return [...model.leases.values()].filter(({ lease }) => lease.under === id);
}

/** Leaves a shared seat to the processes that still use it: the first of them holds it from now on, on disk with the rest. */
export function handOver(model: Model, { id, seatSince, since, tie }: Lease): readonly StoreWrite[] {
  // Whoever uses a borrowed seat has it only as long as it is borrowed.
  const [heir, ...others] = tie === 'borrow' ? [] : ridersOf(model, id);
  if (heir === undefined) return [];
  const { under: _, ...lease } = heir.lease;
  const heirs = [
    { ...heir, lease: { ...lease, seatSince: seatSince ?? since } },
    ...others.map((held) => ({ ...held, lease: { ...held.lease, under: lease.id } })),
  ];
  for (const held of heirs) model.leases.set(held.lease.id, held);
  return heirs.map((held) => writeLease(held.lease));
}

/** Gives all who share a seat the end that it has now. */
export function renewRiders(model: Model, root: Lease): readonly StoreWrite[] {
  return ridersOf(model, root.id).map((held) => {
    const lease = { ...held.lease, end: root.end };
    model.leases.set(lease.id, { ...held, lease });
    return writeLease(lease);
  });
}
