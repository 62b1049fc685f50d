import { seconds } from '../../units.ts';
import { type Buckets, bucketSpan, DAY, HOUR } from './buckets.ts';
import type { Coverage } from './coverage.ts';

/** One hour of the week, UTC: the most seats in use at one instant, their mean, and how many such hours are known. */
interface HeatCell {
  readonly peak: number;
  readonly mean: number;
  readonly hours: number;
}

/** Seven days from Monday on, of 24 hours each, UTC; null where nothing is known of any such hour. */
export type HeatMap = readonly (readonly (HeatCell | null)[])[];

const WEEKDAYS = 7;
/** 1970-01-01 was a Thursday, the fourth day from Monday on. */
const EPOCH_WEEKDAY = 3;

/** Lays the hours of a span on top of each other by weekday and hour. Hours of which no host has a record, and in which nothing was in use, are left out. */
export function heatMapOf(hours: Buckets, { reported }: Coverage): HeatMap {
  const sums = Array.from({ length: WEEKDAYS * 24 }, () => ({ peak: 0, used: 0, length: 0, hours: 0 }));
  hours.used.forEach((used, index) => {
    if ((reported[index] ?? 0) === 0 && used === 0) return;
    const { from, until } = bucketSpan(hours, index);
    const cell = sums[weekdayOf(from) * 24 + Math.floor((from % DAY) / HOUR)];
    if (cell === undefined) return;
    cell.peak = Math.max(cell.peak, hours.peak[index] ?? 0);
    cell.used += used;
    cell.length += until - from;
    cell.hours++;
  });
  return Array.from({ length: WEEKDAYS }, (_, day) =>
    sums
      .slice(day * 24, day * 24 + 24)
      .map(({ hours: count, length, peak, used }) =>
        count === 0 ? null : { peak, mean: used / length, hours: count },
      ),
  );
}

/** The weekday of an instant, UTC: 0 for Monday. */
export function weekdayOf(instant: number): number {
  return (Math.floor(seconds(instant) / DAY) + EPOCH_WEEKDAY) % WEEKDAYS;
}
