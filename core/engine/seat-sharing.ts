import type { StoreWrite } from '../ports.ts';
import type { CheckoutRequest, Lease, Tie } from './lease.ts';
import { writeLease } from './lease-store.ts';
import { featureOf } from './lingering.ts';
import { isAhead, type Model } from './model.ts';

/** What a lease lives as long as whose seat others may share: one that lingers is taken up again instead. */
const SHARED: readonly Tie[] = ['borrow', 'connection', 'process'];

/** The lease whose seat another process of the same user on this host uses too, where the feature counts users and it is certainly not over. */
export function sharedLease(model: Model, { feature, until, user }: CheckoutRequest): Lease | null {
  if (until !== undefined || featureOf(model, feature)?.per !== 'user') return null;
  const isShared = ({ end, under }: Lease) => under === undefined && isAhead(model, end);
  const own = SHARED.flatMap((tie) => model.leases.ofUser(feature, user, tie));
  return own.find(({ lease }) => isShared(lease))?.lease ?? null;
}

/** Leaves a shared seat to the processes that still use it: the first of them holds it from now on, on disk with the rest. */
export function handOver(model: Model, { id, seatSince, since, tie }: Lease): readonly StoreWrite[] {
  // Whoever uses a borrowed seat has it only as long as it is borrowed.
  const [heir, ...others] = tie === 'borrow' ? [] : model.leases.under(id);
  if (heir === undefined) return [];
  const { under: _, ...lease } = heir.lease;
  const heirs = [
    { ...heir, lease: { ...lease, seatSince: seatSince ?? since } },
    ...others.map((held) => ({ ...held, lease: { ...held.lease, under: lease.id } })),
  ];
  for (const held of heirs) model.leases.put(held);
  return heirs.map((held) => writeLease(held.lease));
}

/** Gives all who share a seat the end that it has now. */
export function renewRiders(model: Model, root: Lease): readonly StoreWrite[] {
  return model.leases.under(root.id).map((held) => {
    const lease = { ...held.lease, end: root.end };
    model.leases.put({ ...held, lease });
    return writeLease(lease);
  });
}
