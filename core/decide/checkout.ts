import type { TimeView } from '../state/clock.ts';
import type { Configuration } from '../state/compile.ts';
import { isoTime, periodEnd, periodStart } from '../state/period.ts';
import { allSeats, entryOf } from '../state/registry.ts';
import { accessTo, blocksOf, type FeatureAccess, hostMay, mayUse } from '../state/rules.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { freeSeats, freeUntil } from './capacity.ts';
import { decideExpiry, type ExpiryDenial, type ExpiryWarning } from './expiry.ts';
import { decideKept, decideLimits, type LimitDenial, type Use } from './limits.ts';
import type { LotDenial, LotView } from './lots.ts';

/** Why a checkout is denied; the closed list that tools and people see. */
export type CheckoutDenial =
  | 'no-configuration'
  | 'unknown-feature'
  | 'unknown-user'
  | 'user-not-entitled'
  | 'host-not-entitled'
  | 'no-period'
  | 'not-started'
  | 'expired'
  | 'offline-too-long'
  | 'restricted'
  | 'draining'
  | 'no-seat'
  | LimitDenial
  | LotDenial;

/** Denials that pass by themselves or with somebody's return: whoever asked to wait is queued. */
export const PASSING: ReadonlySet<CheckoutDenial> = new Set([
  'draining',
  'no-seat',
  'limit-reached',
  'reserved',
  'between-terms',
  'no-term',
  'version-behind',
  'time-unknown',
]);

/** A yes with the lease's end and what to be told, or a no with what would help. */
export type CheckoutDecision =
  | { readonly allow: true; readonly end: Seconds; readonly warnings: readonly ExpiryWarning[] }
  | { readonly allow: false; readonly reason: CheckoutDenial; readonly detail: string };

/** What a checkout is decided by. */
export interface CheckoutQuestion {
  readonly configuration: Configuration;
  readonly host: PrincipalId;
  readonly user: string;
  readonly feature: string;
  readonly time: TimeView;
  readonly lots: LotView;
  /** Seats of this feature that this host has lent out. */
  readonly inUse: number;
  /** When the leases on them end. */
  ends(): readonly Seconds[];
  /** Who uses its seats, here and, as far as they have told, on other hosts. */
  uses(): readonly Use[];
  readonly maxOffline: Seconds;
  /** The instant at which a rollout ends what is granted now, if one does. */
  readonly deadline: Seconds | null;
}

/** How long before the end of a period a grant comes with a warning. */
const WARN_BEFORE = seconds(14 * 86_400);

/** Whether this host may lend a seat of a feature to a user now, and until when (DESIGN: leases). */
export function decideCheckout(question: CheckoutQuestion): CheckoutDecision {
  const { configuration, feature, lots } = question;
  const entry = entryOf(configuration.registry.features, feature);
  if (entry === undefined) return denied('unknown-feature', `no feature ${feature}`);
  const entitled = decideEntitlement(question);
  if (!entitled.allow) return entitled;
  if (!lots.ok) return denied(lots.reason, LOT_SENTENCES[lots.reason]);
  const limit = decideLimits(question);
  if (!limit.allow) return denied(limit.reason, limit.detail ?? '');
  const lot = lots.lot(feature);
  const last = question.inUse < lot ? lots.term.until : seatUntil(question, lots);
  if (last === null) {
    const withheld = lots.withheld(feature);
    // Others may still be lending by the version before: what it has taken from them is free when their term has ended.
    const until = withheld > 0 ? lots.withheldUntil(feature) : null;
    const from = until === null ? 'a later term' : isoTime(until);
    const later =
      withheld > 0 ? `; ${withheld} more of version ${configuration.version} from ${from} on` : '';
    const used = `${question.inUse} of this host's ${lot} seats are in use, ${allSeats(entry)} in all`;
    return denied('no-seat', `${used}${later}`);
  }
  const kept = decideKept(question, () => seatsNow(question, lots));
  if (!kept.allow) return denied(kept.reason, kept.detail ?? '');
  const { deadline, time } = question;
  const now = time.upper ?? Number.POSITIVE_INFINITY;
  // A lease that would be over as soon as it is given is no lease.
  if (deadline !== null && now >= deadline) return denied('draining', DRAINED);
  if (now >= entitled.end) return denied('expired', `its period ends at ${isoTime(entitled.end)}`);
  const end = seconds(Math.min(last, entitled.end, deadline ?? last));
  return { allow: true, end, warnings: entitled.warnings };
}

/** A lease that would be over sooner than this is not given. */
const MIN_LEASE = 60;

// Seats that came from another host may end before this host's term does.
function seatUntil(question: CheckoutQuestion, lots: LotView & { readonly ok: true }): Seconds | null {
  const { lower, upper } = question.time;
  if (lower === null || upper === null) return null;
  const last = freeUntil(lots.spans(question.feature), question.ends(), lower, lots.term.until);
  return last === null || last - upper < MIN_LEASE ? null : last;
}

// The seats that are free for a while: what others sent may be more than the lot, what was given away makes it less.
function seatsNow({ ends, feature, time }: CheckoutQuestion, lots: LotView & { readonly ok: true }): number {
  const { lower, upper } = time;
  if (lower === null || upper === null) return 0;
  return freeSeats(lots.spans(feature), ends(), lower, seconds(upper + MIN_LEASE));
}

const DRAINED = 'what was lent under the applied version has ended, and a newer one is about to be applied';

const LOT_SENTENCES: Readonly<Record<LotDenial, string>> = {
  'time-unknown': 'no relay has signed the time recently enough to use seats',
  'between-terms': 'one term is ending and the next begins in a moment',
  'no-term': 'the voters have not opened the present term',
  'version-behind': 'the present term belongs to a newer version that this host has not applied',
  'unknown-class': 'the applied version does not name this host or its class',
};

/** Whether user, host and period allow a feature, whatever the seats (DESIGN: time, decisions). */
export function decideEntitlement(question: CheckoutQuestion): CheckoutDecision {
  const { configuration, feature, host, user } = question;
  const { registry } = configuration;
  if (entryOf(registry.people, user) === undefined) {
    return denied('unknown-user', `${user} is not in version ${configuration.version}`);
  }
  const access = accessOf(configuration).get(feature);
  const verdict = access === undefined ? null : mayUse(access, user, host);
  if (verdict !== null && !verdict.allow) {
    const byHost = access !== undefined && !hostMay(access, host);
    const rule = verdict.rule === null ? 'no rule allows it' : `rule ${verdict.rule} denies it`;
    return denied(byHost ? 'host-not-entitled' : 'user-not-entitled', rule);
  }
  return decidePeriods(question);
}

const accesses = new WeakMap<Configuration, ReadonlyMap<string, FeatureAccess>>();

/** Who may use each feature of a configuration. */
export function accessOf(configuration: Configuration): ReadonlyMap<string, FeatureAccess> {
  const known = accesses.get(configuration);
  if (known !== undefined) return known;
  const access = accessTo(configuration.registry);
  accesses.set(configuration, access);
  return access;
}

function decidePeriods({ configuration, feature, maxOffline, time }: CheckoutQuestion): CheckoutDecision {
  let best: CheckoutDecision = denied('no-period', `no period of version ${configuration.version} covers it`);
  for (const period of periodsOf(configuration, feature)) {
    const decision = decideExpiry({ period, time, maxOffline, warnBefore: WARN_BEFORE });
    if (decision.allow) {
      const better = !best.allow || best.end < period.until;
      if (better) best = { allow: true, end: period.until, warnings: decision.warnings };
    } else if (!best.allow) {
      best = denied(decision.reason, PERIOD_SENTENCES[decision.reason](period));
    }
  }
  return best;
}

const PERIOD_SENTENCES: Readonly<
  Record<ExpiryDenial, (period: { readonly from: Seconds; readonly until: Seconds }) => string>
> = {
  expired: ({ until }) => `its period ended at ${isoTime(until)}`,
  'not-started': ({ from }) => `its period starts at ${isoTime(from)}`,
  'offline-too-long': () => 'no relay has been reached for longer than this class of host may be offline',
  'time-unknown': () => 'no relay has ever signed the time for this host',
};

const periodIndex = new WeakMap<Configuration, Map<string, readonly { from: Seconds; until: Seconds }[]>>();

/** The periods of a feature, its blocks' included, as instants: `from` inclusive, `until` exclusive. */
export function periodsOf(
  configuration: Configuration,
  feature: string,
): readonly { readonly from: Seconds; readonly until: Seconds }[] {
  const index = periodIndex.get(configuration) ?? new Map();
  periodIndex.set(configuration, index);
  const known = index.get(feature);
  if (known !== undefined) return known;
  const { registry } = configuration;
  const blocks = new Set(blocksOf(registry, feature));
  const periods = Object.values(registry.periods)
    .filter(
      (period) => period.feature === feature || (period.block !== undefined && blocks.has(period.block)),
    )
    .map((period) => ({ from: periodStart(period.from), until: periodEnd(period.until) }));
  const whole = periods.filter(
    (period): period is { from: Seconds; until: Seconds } => period.from !== null && period.until !== null,
  );
  index.set(feature, whole);
  return whole;
}

function denied(reason: CheckoutDenial, detail: string): CheckoutDecision & { readonly allow: false } {
  return { allow: false, reason, detail };
}
