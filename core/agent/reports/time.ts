import { decideExpiry, standingsOf } from '../../decide/expiry.ts';
import { type Model, maxOffline, newestVersion } from '../../engine/model.ts';
import { seconds } from '../../units.ts';
import type { TimeReport } from '../protocol.ts';
import type { ReportContext } from './context.ts';

/** Signed time as this host knows it, beside the machine's own clock. */
export function reportTime(model: Model, context: ReportContext): TimeReport {
  const { byWall, lower, upper, offlineAge, conflict } = model.time;
  const limit = maxOffline(model);
  const always = [{ from: seconds(0), until: seconds(Number.MAX_SAFE_INTEGER) }];
  const question = { spans: always, time: model.time, maxOffline: limit, warnBefore: seconds(0) };
  const decision = decideExpiry(question);
  // Before a version is applied there is no class that would set a limit.
  const isLimited = model.applied !== null && limit > 0;
  const standing = standingsOf(decision).filter(({ state }) =>
    isLimited ? state !== 'open' : state === 'time-unknown' || state === 'time-conflict',
  );
  const relays = newestVersion(model)?.roster.policy.relays ?? [];
  return {
    lower,
    upper,
    byWall: byWall === true,
    // JSON has no infinity; null says that nobody has ever answered.
    offlineAge: Number.isFinite(offlineAge) ? offlineAge : null,
    maxOffline: limit,
    conflict,
    wall: context.wall,
    relays: relays.map(({ key }) => ({ key, midpoint: context.signedBy(key) })),
    standing,
    graceEnd: isLimited && decision.allow ? decision.changesAt : null,
  };
}
