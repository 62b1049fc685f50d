import { entryOf } from '../state/registry.ts';
import { seconds } from '../units.ts';
import type { CheckoutRequest, HeldLease, Lease } from './lease.ts';
import { type Model, pendingVersion } from './model.ts';

/**
 * What becomes of a lease that is given back while its feature lingers: the seat stays counted, by signed time and on disk
 * like any lease, so that a crash does not free it early. Null where nothing lingers. It never outlasts the lease's own end,
 * nor holds up a version that is to be applied.
 */
export function lingering(model: Model, { lease }: HeldLease): HeldLease | null {
  const { linger } = featureOf(model, lease.feature) ?? {};
  const { upper } = model.time;
  if (linger === undefined || upper === null || lease.tie === 'borrow') return null;
  if (lease.under !== undefined || pendingVersion(model) !== null) return null;
  const end = seconds(Math.min(lease.end, upper + linger));
  if (end <= upper) return null;
  const process = { tool: lease.process.tool, pid: null, startTime: null };
  return { lease: { ...lease, tie: 'linger', process, end }, holder: { kind: 'process' } };
}

/** The lingering seat that a checkout takes up again: the same user's, of the same feature, and the one that would be free first. */
export function lingeringLease(model: Model, { feature, until, user }: CheckoutRequest): Lease | null {
  if (until !== undefined || featureOf(model, feature)?.linger === undefined) return null;
  const own = model.leases.ofUser(feature, user, 'linger').map(({ lease }) => lease);
  return own.sort((a, b) => a.end - b.end)[0] ?? null;
}

/** A feature as the applied version has it. */
export function featureOf(model: Model, feature: string) {
  const features = model.applied?.configuration.registry.features;
  return features === undefined ? undefined : entryOf(features, feature);
}
