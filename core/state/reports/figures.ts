import type { PrincipalId, Seconds } from '../../units.ts';
import type { UsageDenial, UsageLog } from '../usage.ts';
import { type Buckets, bucketSpan, bucketsOf, HOUR } from './buckets.ts';
import { type CapacityStep, capacityIn, capacitySeconds, type Load, loadOf } from './capacity.ts';
import { type Coverage, coverageByHour } from './coverage.ts';
import { type InUse, inUseOver, peakOf, type Span } from './in-use.ts';
import { type Count, type Pile, pileUp, type Use } from './piles.ts';

/** What a report is made of. */
interface UsageQuestion {
  readonly log: UsageLog;
  readonly span: Span;
  /** When which seats were there, by feature; a feature without an entry has no line to be compared with. */
  readonly capacities: ReadonlyMap<string, readonly CapacityStep[]>;
  /** The hosts of the newest version: of them records are expected. */
  readonly members: ReadonlySet<PrincipalId>;
}

/** The use of one feature. */
export interface FeatureFigures {
  readonly feature: string;
  readonly capacity: readonly CapacityStep[];
  readonly inUse: InUse;
  /** By the hour. */
  readonly hours: Buckets;
  readonly peak: { readonly seats: number; readonly at: Seconds } | null;
  readonly load: Load;
  /** Seat-seconds used. */
  readonly used: number;
  /** Seats in use on average over the hours that are known, and as a share of the seats; null where nothing is. */
  readonly mean: number | null;
  readonly meanShare: number | null;
  readonly checkouts: number;
  /** Seats taken back from tools that were not in use. */
  readonly takenBack: number;
  /** By host and user. */
  readonly uses: readonly Use[];
  /** The instants of denials in order, and how many there were for which reason. */
  readonly denied: Float64Array;
  readonly reasons: readonly Count[];
}

/** All that reports, tables and plots show. */
export interface UsageFigures {
  readonly span: Span;
  readonly coverage: Coverage;
  /** By id: every feature with a seat, a session or a denial in the span. */
  readonly features: readonly FeatureFigures[];
  /** In order of time. */
  readonly denials: readonly UsageDenial[];
  /** Events of which hosts say only that there were more. */
  readonly lost: number;
}

/** Sums up what hosts have signed of their use in a span: exact, and independent of the order of the log. */
export function usageFigures({ capacities, log, members, span }: UsageQuestion): UsageFigures {
  const coverage = coverageByHour(log.covered, members, span);
  const { denials, piles } = pileUp(log, span);
  const ids = [...new Set([...capacities.keys(), ...piles.keys()])].sort();
  const features = ids.flatMap((feature) => {
    const capacity = capacityIn(capacities.get(feature) ?? [], span);
    const pile = piles.get(feature);
    if (capacity.length === 0 && pile === undefined) return [];
    return [featureFigures(feature, pile, capacity, coverage)];
  });
  return { span, coverage, features, denials, lost: log.lost };
}

const NOTHING: Pile = {
  starts: new Float64Array(),
  ends: new Float64Array(),
  takenBack: 0,
  denied: new Float64Array(),
  uses: [],
  reasons: [],
};

function featureFigures(
  feature: string,
  pile: Pile = NOTHING,
  capacity: readonly CapacityStep[],
  coverage: Coverage,
): FeatureFigures {
  const { span } = coverage;
  const inUse = inUseOver(pile.starts, pile.ends, span);
  const hours = bucketsOf(inUse, span, HOUR);
  return {
    ...{ feature, capacity, inUse, hours },
    peak: peakOf(inUse),
    load: loadOf(inUse, capacity, span),
    ...meansOf(hours, capacity, coverage),
    checkouts: pile.uses.reduce((sum, { checkouts }) => sum + checkouts, 0),
    takenBack: pile.takenBack,
    uses: pile.uses,
    denied: pile.denied,
    reasons: pile.reasons,
  };
}

/** Means over the hours of which some host has a record, or in which something was in use: the others are unknown, not idle. */
function meansOf(hours: Buckets, capacity: readonly CapacityStep[], { reported }: Coverage) {
  let used = 0;
  let length = 0;
  let available = 0;
  hours.used.forEach((seatSeconds, index) => {
    used += seatSeconds;
    if ((reported[index] ?? 0) === 0 && seatSeconds === 0) return;
    const span = bucketSpan(hours, index);
    length += span.until - span.from;
    available += capacitySeconds(capacity, span);
  });
  return {
    used,
    mean: length === 0 ? null : used / length,
    meanShare: available === 0 ? null : used / available,
  };
}
