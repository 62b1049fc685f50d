import { type Seconds, seconds } from '../units.ts';

/** Seats that a host may use from an instant until before another. Fewer than none is what it has given beyond its lot. */
export interface Span {
  readonly from: Seconds;
  readonly until: Seconds;
  readonly seats: number;
}

/** Seats that no lease uses throughout a time, at least; `ends` are the ends of the leases that are open now. */
export function freeSeats(
  spans: readonly Span[],
  ends: readonly Seconds[],
  from: Seconds,
  until: Seconds,
): number {
  const steps = [from, ...boundaries(spans, ends)].filter((at) => at >= from && at < until);
  return Math.min(...steps.map((at) => freeAt(spans, ends, at)));
}

/** The latest instant, up to `until`, until which one more seat is free from now on; null when none is free now. */
export function freeUntil(
  spans: readonly Span[],
  ends: readonly Seconds[],
  now: Seconds,
  until: Seconds,
): Seconds | null {
  if (freeAt(spans, ends, now) < 1) return null;
  const later = boundaries(spans, ends).filter((at) => at > now && at < until);
  return seconds(later.find((at) => freeAt(spans, ends, at) < 1) ?? until);
}

function freeAt(spans: readonly Span[], ends: readonly Seconds[], at: number): number {
  let free = 0;
  for (const { from, seats, until } of spans) if (from <= at && at < until) free += seats;
  for (const end of ends) if (at < end) free -= 1;
  return free;
}

function boundaries(spans: readonly Span[], ends: readonly Seconds[]): number[] {
  const all = new Set([...spans.flatMap(({ from, until }) => [from, until]), ...ends]);
  return [...all].sort((a, b) => a - b);
}
