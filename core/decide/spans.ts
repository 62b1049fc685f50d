import { type Seconds, seconds } from '../units.ts';

const DAY = 86_400;

/** A span of time: `from` inclusive, `until` exclusive. */
export interface Span {
  readonly from: Seconds;
  readonly until: Seconds;
}

/** So many days of 24 hours from an instant, as far as they lie within bounds; none where they do not. */
export function daysFrom(at: Seconds, days: number, bounds: Span): readonly Span[] {
  const from = seconds(Math.max(at, bounds.from));
  const until = seconds(Math.min(at + days * DAY, bounds.until));
  return from < until ? [{ from, until }] : [];
}

/** The union of spans, as spans that neither overlap nor touch, in order. */
export function union(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const { from, until } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.until) merged.push({ from, until });
    else if (until > last.until) merged[merged.length - 1] = { from: last.from, until };
  }
  return merged;
}
