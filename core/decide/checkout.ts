import type { TimeView } from '../state/clock.ts';
import type { Configuration } from '../state/compile.ts';
import { isoTime } from '../state/period.ts';
import { allSeats, entryOf } from '../state/registry.ts';
import { accessTo, type FeatureAccess, hostMay, mayUse } from '../state/rules.ts';
import { type PrincipalId, type Seconds, seconds } from '../units.ts';
import { freeSeats, freeUntil } from './capacity.ts';
import { decideExpiry, type ExpiryDecision, type ExpiryWarning, standingsOf, WARN_BEFORE } from './expiry.ts';
import { decideKept, decideLimits, type LimitDenial, type Use } from './limits.ts';
import type { LotDenial, LotView } from './lots.ts';
import { periodsByDays, periodsOf, type SetUp } from './periods.ts';

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
  | 'not-set-up'
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
  'not-set-up',
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
  /** When periods by days began for this host, or would begin with a lease given now. */
  readonly setUp?: SetUp;
  /** The instant at which a rollout ends what is granted now, if one does. */
  readonly deadline: Seconds | null;
}

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

function decidePeriods(question: CheckoutQuestion): CheckoutDecision {
  const decision = decideUse(question);
  if (decision.allow) return { allow: true, end: decision.end, warnings: decision.warnings };
  const { version } = question.configuration;
  if (decision.reason === 'no-period')
    return denied('no-period', `no period of version ${version} covers it`);
  const [standing] = standingsOf(decision);
  return denied(decision.reason, standing?.sentence ?? '');
}

/** Whether a feature's periods are open here, seats and rules aside (DESIGN: time, decisions). */
export function decideUse(
  question: Pick<CheckoutQuestion, 'configuration' | 'feature' | 'time' | 'maxOffline' | 'setUp'>,
): ExpiryDecision {
  const { configuration, feature, maxOffline, setUp, time } = question;
  const spans = periodsOf(configuration, feature, setUp);
  const byDays = periodsByDays(configuration, feature);
  const awaitsSetUp = byDays.some(({ from, id }) => (setUp?.(id, from) ?? null) === null);
  return decideExpiry({ spans, time, maxOffline, warnBefore: WARN_BEFORE, awaitsSetUp });
}

function denied(reason: CheckoutDenial, detail: string): CheckoutDecision & { readonly allow: false } {
  return { allow: false, reason, detail };
}
