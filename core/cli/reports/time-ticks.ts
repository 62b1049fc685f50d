import { DAY, HOUR } from '../../state/reports/buckets.ts';
import type { Span } from '../../state/reports/in-use.ts';
import { utcDay, utcMinute } from './figure-words.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STEPS = [
  300,
  900,
  1800,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
];
/** Months between two ticks. */
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];
/** A Monday at midnight: weeks are counted from it. */
const MONDAY = 4 * DAY;

/** An instant on an axis of time, and what it is called there. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** At most `most` instants of a span at whole hours, days, Mondays or months, UTC. */
export function timeTicks(span: Span, most: number): readonly Tick[] {
  const length = span.until - span.from;
  const step = STEPS.find((one) => length / one <= most);
  if (step === undefined) return monthTicks(span, most);
  const origin = step >= 7 * DAY ? MONDAY : 0;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((span.from - origin) / step) * step + origin; at <= span.until; at += step) {
    ticks.push({ at, label: labelOf(at, step) });
  }
  return ticks;
}

function monthTicks({ from, until }: Span, most: number): readonly Tick[] {
  const months = ((until - from) / DAY) * (12 / 365.25);
  const step = MONTH_STEPS.find((one) => months / one <= most) ?? 120;
  const ticks: Tick[] = [];
  const first = monthOf(from);
  for (let month = first - (first % step); ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12) / 1000;
    if (at > until) return ticks;
    if (at >= from) ticks.push({ at, label: `${MONTHS[month % 12]} ${Math.floor(month / 12)}` });
  }
}

function labelOf(at: number, step: number): string {
  const [, month = '', day = ''] = utcDay(at).split('-');
  const date = `${Number(day)} ${MONTHS[Number(month) - 1]}`;
  return at % DAY === 0 || step >= DAY ? date : utcMinute(at).slice(11);
}

function monthOf(instant: number): number {
  const [year = '', month = ''] = utcDay(instant).split('-');
  return Number(year) * 12 + Number(month) - 1;
}
