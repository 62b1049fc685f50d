import { type Model, maxOffline, newestVersion } from '../../engine/model.ts';
import type { TimeReport } from '../protocol.ts';
import type { ReportContext } from './context.ts';

/** Signed time as this host knows it, beside the machine's own clock. */
export function reportTime(model: Model, context: ReportContext): TimeReport {
  const { byWall, lower, upper, offlineAge, conflict } = model.time;
  const relays = newestVersion(model)?.roster.policy.relays ?? [];
  return {
    lower,
    upper,
    byWall: byWall === true,
    // JSON has no infinity; null says that nobody has ever answered.
    offlineAge: Number.isFinite(offlineAge) ? offlineAge : null,
    maxOffline: maxOffline(model),
    conflict,
    wall: context.wall,
    relays: relays.map(({ key }) => ({ key, midpoint: context.signedBy(key) })),
  };
}
