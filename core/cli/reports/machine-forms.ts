import { isoTime } from '../../state/period.ts';
import { HOUR } from '../../state/reports/buckets.ts';
import { gapsOf } from '../../state/reports/coverage.ts';
import type { FeatureFigures, UsageFigures } from '../../state/reports/figures.ts';
import { heatMapOf } from '../../state/reports/heat-map.ts';
import { type Cell, csv } from './csv.ts';
import { isUnknown, type Stretch, stretchesOf } from './tables.ts';

/** What every report says of its span, for programs: instants in seconds since 1970. */
function preamble({ coverage, lost, span }: UsageFigures) {
  const { hours, silent } = coverage;
  return {
    since: span.from,
    until: span.until,
    coverage: { ...hours, silent, gaps: gapsOf(coverage) },
    lost,
  };
}

/** `report usage` for programs. */
export function usageData(figures: UsageFigures) {
  const features = figures.features.map((one) => ({
    feature: one.feature,
    seats: one.capacity,
    peak: one.peak,
    peakShare: one.load.peak,
    mean: one.mean,
    meanShare: one.meanShare,
    fullSeconds: one.load.full,
    overdraftSeatHours: one.load.overdrawn / HOUR,
    seatHours: one.used / HOUR,
    checkouts: one.checkouts,
    takenBack: one.takenBack,
    denials: one.denied.length,
    reasons: one.reasons.map(({ count, name }) => ({ reason: name, count })),
    uses: one.uses.map(({ seatSeconds, ...use }) => ({ ...use, seatHours: seatSeconds / HOUR })),
    /** Days from Monday on, of 24 hours each, UTC. */
    hoursOfWeek: heatMapOf(one.hours, figures.coverage),
  }));
  return { ...preamble(figures), features };
}

/** `report peaks` for programs. */
export function peaksData(figures: UsageFigures, size: number) {
  const peaks = figures.features.flatMap((one) =>
    stretchesOf(one, figures.coverage, size).map((stretch) => ({ feature: one.feature, ...told(stretch) })),
  );
  return { ...preamble(figures), by: size === HOUR ? 'hour' : 'day', peaks };
}

/** `report denials` for programs. */
export function denialsData(figures: UsageFigures) {
  const reasons = figures.features.flatMap(({ feature, reasons }) =>
    reasons.map(({ count, name }) => ({ feature, reason: name, count })),
  );
  return { ...preamble(figures), reasons, denials: figures.denials };
}

/** `report usage` for spreadsheets: a row for each feature, host and user. */
export function usageCsv({ features }: UsageFigures): string {
  const header = ['feature', 'host', 'user', 'checkouts', 'seat_hours', 'denials'];
  return csv(
    header,
    features.flatMap(({ feature, uses }) =>
      uses.map((use) => [
        ...[feature, use.host, use.user],
        ...[use.checkouts, rounded(use.seatSeconds / HOUR), use.denials],
      ]),
    ),
  );
}

/** `report peaks` for spreadsheets: a row for each feature and stretch; what is unknown is empty, not 0. */
export function peaksCsv({ coverage, features }: UsageFigures, size: number): string {
  const header = ['feature', 'from', 'until', 'peak', 'seats', 'mean', 'denials', 'records'];
  return csv(header, rowsOf());

  function* rowsOf(): Generator<readonly Cell[]> {
    for (const one of features) {
      for (const stretch of stretchesOf(one, coverage, size)) yield peakRow(one, stretch);
    }
  }
}

/** `report denials` for spreadsheets: a row for each. */
export function denialsCsv({ denials }: UsageFigures): string {
  return csv(
    ['at', 'feature', 'user', 'host', 'reason'],
    denials.map(({ at, feature, host, reason, user }) => [isoTime(at), feature, user, host, reason]),
  );
}

function peakRow({ feature }: FeatureFigures, stretch: Stretch): readonly Cell[] {
  const { denials, from, mean, peak, records, seats, until } = told(stretch);
  const known = mean === null ? null : rounded(mean);
  return [feature, isoTime(from), isoTime(until), peak, seats, known, denials, records];
}

function told({ denials, from, known, mean, peak, seats, until }: Stretch) {
  const use = isUnknown({ known, peak }) ? { peak: null, mean: null } : { peak, mean };
  return { from, until, ...use, seats, denials, records: known };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
