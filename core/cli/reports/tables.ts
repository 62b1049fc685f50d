import { type Buckets, bucketAt, bucketSpan, bucketsOf, DAY, HOUR } from '../../state/reports/buckets.ts';
import { capacityWithin } from '../../state/reports/capacity.ts';
import { type Coverage, type Known, knownIn } from '../../state/reports/coverage.ts';
import type { FeatureFigures, UsageFigures } from '../../state/reports/figures.ts';
import type { HeatMap } from '../../state/reports/heat-map.ts';
import type { Span } from '../../state/reports/in-use.ts';
import { sumBy } from '../../state/reports/piles.ts';
import { seconds } from '../../units.ts';
import { counted } from '../counted.ts';
import { inHours, lengthOf, oneDecimal, percent, UNKNOWN, utcBucket, utcMinute } from './figure-words.ts';

/** A column: its header, and whether it holds figures. */
interface Column {
  readonly name: string;
  readonly figures: boolean;
}

/** Rows as people read them, in text and in HTML; the first column names the row. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** One stretch of a feature: what `peaks` says of each hour or day. */
export interface Stretch extends Span {
  readonly peak: number;
  readonly mean: number;
  /** The most seats that there were; null where unknown. */
  readonly seats: number | null;
  readonly denials: number;
  readonly used: number;
  readonly known: Known;
}

/** Weekdays from Monday on. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** A row for each feature. */
export function summaryTable(features: readonly FeatureFigures[]): Table {
  return {
    columns: [
      word('FEATURE'),
      ...['SEATS', 'PEAK', 'PEAK %', 'MEAN', 'MEAN %', 'SEAT-HOURS', 'CHECKOUTS', 'ALL IN USE', 'DENIED'].map(
        figure,
      ),
    ],
    rows: features.map((one) => [
      one.feature,
      seatsOf(one),
      String(one.peak?.seats ?? 0),
      percent(one.load.peak),
      oneDecimal(one.mean),
      percent(one.meanShare),
      inHours(one.used),
      String(one.checkouts),
      lengthOf(one.load.full),
      String(one.denied.length),
    ]),
  };
}

/** What the row of a feature has no column for, in a sentence each. */
export function remarksOf({ capacity, load, takenBack }: FeatureFigures): readonly string[] {
  const most = Math.max(0, ...capacity.map(({ overdraft = 0 }) => overdraft));
  const beyond = `${inHours(load.overdrawn)} seat-hours in overdraft, which is at most ${counted(most, 'seat')}`;
  const back = `${counted(takenBack, 'seat')} taken back from tools that were not in use`;
  return [...(most === 0 ? [] : [beyond]), ...(takenBack === 0 ? [] : [back])];
}

/** The seats of a feature: `8`, or `8 → 12` where they changed. */
export function seatsOf({ capacity }: FeatureFigures): string {
  const [first] = capacity;
  const last = capacity.at(-1);
  if (first === undefined || last === undefined) return UNKNOWN;
  return capacity.length === 1 ? String(last.seats) : `${first.seats} → ${last.seats}`;
}

/** Who used a feature, or where; the most first. */
export function useTable({ uses }: FeatureFigures, by: 'user' | 'host'): Table {
  return {
    columns: [word(by.toUpperCase()), ...['SEAT-HOURS', 'CHECKOUTS', 'DENIED'].map(figure)],
    rows: sumBy(uses, (use) => use[by]).map(({ checkouts, denials, name, seatSeconds }) => [
      ...[name, inHours(seatSeconds), String(checkouts), String(denials)],
    ]),
  };
}

/** A row for each stretch of time. */
export function stretchTable(stretches: readonly Stretch[], size: number): Table {
  return {
    columns: [
      word(size === HOUR ? 'HOUR (UTC)' : 'DAY (UTC)'),
      ...['PEAK', 'SEATS', 'PEAK %', 'MEAN', 'SEAT-HOURS', 'DENIED'].map(figure),
      word('RECORDS'),
    ],
    rows: stretches.map((one) => [
      utcBucket(one.from, size),
      ...(isUnknown(one)
        ? [UNKNOWN, one.seats === null ? UNKNOWN : String(one.seats), UNKNOWN, UNKNOWN, UNKNOWN]
        : [
            String(one.peak),
            one.seats === null ? UNKNOWN : String(one.seats),
            percent(one.seats ? one.peak / one.seats : null),
            oneDecimal(one.mean),
            inHours(one.used),
          ]),
      String(one.denials),
      RECORDS[one.known],
    ]),
  };
}

const RECORDS: Readonly<Record<Known, string>> = { all: 'complete', some: 'partial', none: 'none' };

/** Whether nothing can be said of a stretch: no host has a record, and nothing that reaches into it was in use. */
export function isUnknown({ known, peak }: Pick<Stretch, 'known' | 'peak'>): boolean {
  return known === 'none' && peak === 0;
}

/** A feature by the hour or the day. */
export function stretchesOf(one: FeatureFigures, coverage: Coverage, size: number): readonly Stretch[] {
  const buckets = bucketsBy(one, coverage.span, size);
  const denials = new Uint32Array(buckets.peak.length);
  for (const at of one.denied) {
    const index = bucketAt(buckets, seconds(at));
    denials[index] = (denials[index] ?? 0) + 1;
  }
  return Array.from(buckets.peak, (peak, index) => {
    const span = bucketSpan(buckets, index);
    const used = buckets.used[index] ?? 0;
    return {
      ...{ ...span, peak, used, mean: used / (span.until - span.from) },
      seats: capacityWithin(one.capacity, span),
      denials: denials[index] ?? 0,
      known: knownIn(coverage, span),
    };
  });
}

/** Hours for up to two days, then days. */
export function usualSize({ from, until }: Span): number {
  return until - from <= 2 * DAY ? HOUR : DAY;
}

/** How often a feature was refused, and why. */
export function reasonTable({ reasons }: FeatureFigures): Table {
  return {
    columns: [word('REASON'), figure('DENIED')],
    rows: reasons.map(({ count, name }) => [name, String(count)]),
  };
}

/** Reasons over all features. */
export function reasonsTable(features: readonly FeatureFigures[]): Table {
  return {
    columns: [word('FEATURE'), word('REASON'), figure('DENIED')],
    rows: features.flatMap(({ feature, reasons }) =>
      reasons.map(({ count, name }) => [feature, name, String(count)]),
    ),
  };
}

/** Each denial, the latest first. */
export function denialTable(denials: UsageFigures['denials'], most: number): Table {
  return {
    columns: ['TIME (UTC)', 'FEATURE', 'USER', 'HOST', 'REASON'].map(word),
    rows: denials
      .slice(-most)
      .reverse()
      .map(({ at, feature, host, reason, user }) => [utcMinute(at), feature, user, host, reason]),
  };
}

/** Hours under weekdays: mean, and the peak behind it. */
export function heatTable(map: HeatMap): Table {
  return {
    columns: [word('HOUR (UTC)'), ...WEEKDAYS.map(figure)],
    rows: Array.from({ length: 24 }, (_, hour) => [
      `${String(hour).padStart(2, '0')}:00`,
      ...map.map((day) => {
        const cell = day[hour] ?? null;
        return cell === null ? UNKNOWN : `${oneDecimal(cell.mean)} (${cell.peak})`;
      }),
    ]),
  };
}

function bucketsBy({ hours, inUse }: FeatureFigures, span: Span, size: number): Buckets {
  return size === HOUR ? hours : bucketsOf(inUse, span, size);
}

function word(name: string): Column {
  return { name, figures: false };
}

function figure(name: string): Column {
  return { name, figures: true };
}
