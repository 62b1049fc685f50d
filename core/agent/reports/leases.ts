import { ORPHAN_GRACE } from '../../engine/ageing.ts';
import { silenceOf } from '../../engine/idle-tools.ts';
import type { HeldLease } from '../../engine/lease.ts';
import type { Model } from '../../engine/model.ts';
import type { LeaseReport } from '../protocol.ts';
import { isBarred } from './restrictions.ts';

/** The leases of this host, the oldest first, without what would let somebody else take them up. */
export function reportLeases(model: Model): readonly LeaseReport[] {
  return [...model.leases.values()]
    .map((held) => reportLease(model, held))
    .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
}

function reportLease(model: Model, held: HeldLease): LeaseReport {
  const { lease, holder } = held;
  const { secret: _, versionId: __, seatSince: ___, speaks: ____, ...rest } = lease;
  const shown = { ...rest, idle: silenceOf(model, held) };
  if (holder.kind === 'orphaned') {
    const freesIn = Math.max(0, ORPHAN_GRACE - (model.running - holder.since));
    return { ...shown, state: 'orphaned', freesIn };
  }
  if (lease.tie === 'linger') return { ...shown, state: 'lingering', freesIn: null };
  const going = model.draining === null ? 'active' : 'draining';
  return { ...shown, state: isBarred(model) ? 'ending' : going, freesIn: null };
}
