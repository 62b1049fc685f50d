import type { Seconds } from '../../units.ts';

/** A stretch of signed time; its end is not in it. */
export interface Span {
  readonly from: Seconds;
  readonly until: Seconds;
}

/** Seats in use over a span: `seats[i]` from `at[i]` until the next change, the first at the beginning of the span. */
export interface InUse {
  readonly at: Float64Array;
  readonly seats: Int32Array;
}

/**
 * How many of the sessions are open at each instant of the span, exactly, in n log n: one sweep over the sorted ends. A session
 * holds its beginning and not its end, so that a seat handed on in one second counts once. Sorts what it is given; all beginnings
 * are in the span and before their ends.
 */
export function inUseOver(starts: Float64Array, ends: Float64Array, { from, until }: Span): InUse {
  starts.sort();
  ends.sort();
  const at = new Float64Array(starts.length + ends.length + 1);
  const seats = new Int32Array(at.length);
  at[0] = from;
  let last = 0;
  let open = 0;
  let ended = 0;
  for (let begun = 0; begun < starts.length || ended < ends.length; ) {
    const now = Math.min(starts[begun] ?? Number.POSITIVE_INFINITY, ends[ended] ?? Number.POSITIVE_INFINITY);
    if (now >= until) break;
    for (; starts[begun] === now; begun++) open++;
    for (; ends[ended] === now; ended++) open--;
    if (seats[last] === open) continue;
    if (at[last] !== now) last++;
    at[last] = now;
    seats[last] = open;
  }
  return { at: at.slice(0, last + 1), seats: seats.slice(0, last + 1) };
}

/** The most seats in use at one instant, and the first such instant; null if none ever was. */
export function peakOf({ at, seats }: InUse): { readonly seats: number; readonly at: Seconds } | null {
  let best = -1;
  seats.forEach((count, i) => {
    if (count > (seats[best] ?? 0)) best = i;
  });
  return best < 0 ? null : { seats: seats[best] ?? 0, at: (at[best] ?? 0) as Seconds };
}
