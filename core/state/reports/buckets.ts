import { type Seconds, seconds } from '../../units.ts';
import type { InUse, Span } from './in-use.ts';

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** Spans of equal length that begin at whole multiples of it in UTC; the first and the last may be cut by the span they cover. */
export interface Buckets {
  readonly size: number;
  readonly span: Span;
  /** The most seats in use at one instant of each. */
  readonly peak: Int32Array;
  /** Seat-seconds used in each. */
  readonly used: Float64Array;
}

/** Cuts a span into buckets of `size` seconds and sums up what was in use in each. */
export function bucketsOf({ at, seats }: InUse, span: Span, size: number): Buckets {
  const count = bucketCount(span, size);
  const peak = new Int32Array(count);
  const used = new Float64Array(count);
  let i = 0;
  for (let index = 0; index < count; index++) {
    const { from, until } = bucketSpan({ size, span }, index);
    for (let now: number = from; now < until; ) {
      const next = at[i + 1] ?? Number.POSITIVE_INFINITY;
      const open = seats[i] ?? 0;
      const end = Math.min(next, until);
      if (end > now && open > (peak[index] ?? 0)) peak[index] = open;
      used[index] = (used[index] ?? 0) + open * (end - now);
      now = end;
      if (next <= until) i++;
    }
  }
  return { size, span, peak, used };
}

/** How many buckets of a size touch a span. */
export function bucketCount({ from, until }: Span, size: number): number {
  return until <= from ? 0 : Math.ceil(until / size) - Math.floor(from / size);
}

/** The part of the span that a bucket has. */
export function bucketSpan({ size, span }: Pick<Buckets, 'size' | 'span'>, index: number): Span {
  const begin = (Math.floor(span.from / size) + index) * size;
  return {
    from: seconds(Math.max(begin, span.from)),
    until: seconds(Math.min(begin + size, span.until)),
  };
}

/** The bucket in which an instant of the span lies. */
export function bucketAt({ size, span }: Pick<Buckets, 'size' | 'span'>, instant: Seconds): number {
  return Math.floor(instant / size) - Math.floor(span.from / size);
}
