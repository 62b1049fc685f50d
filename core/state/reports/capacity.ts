import { type Seconds, seconds } from '../../units.ts';
import type { InUse, Span } from './in-use.ts';

/** From when on a version gives a feature how many seats. */
export interface CapacityStep {
  readonly from: Seconds;
  readonly seats: number;
  /** Seats beyond these that may be in use as well; 0 unless given. */
  readonly overdraft?: number;
  readonly version: number;
}

/** The steps that matter in a span, the first cut to its beginning; what lies before the first step is unknown. */
export function capacityIn(steps: readonly CapacityStep[], span: Span): readonly CapacityStep[] {
  const sorted = [...steps].sort((a, b) => a.from - b.from || a.version - b.version);
  const out: CapacityStep[] = [];
  for (const step of sorted) {
    if (step.from >= span.until) break;
    const from = seconds(Math.max(step.from, span.from));
    const before = out.at(-1);
    if (before?.from === from) out.pop();
    if (!sameSeats(out.at(-1), step)) out.push({ ...step, from });
  }
  return out;
}

/** Whether two steps say the same of seats. */
export function sameSeats(a: CapacityStep | undefined, b: Omit<CapacityStep, 'from'>): boolean {
  return a !== undefined && a.seats === b.seats && (a.overdraft ?? 0) === (b.overdraft ?? 0);
}

/** The seats there are at an instant; null before the first step. */
export function capacityAt(steps: readonly CapacityStep[], instant: Seconds): number | null {
  return steps.findLast(({ from }) => from <= instant)?.seats ?? null;
}

/** The most seats that there are at an instant of a stretch; null where none is known. */
export function capacityWithin(steps: readonly CapacityStep[], { from, until }: Span): number | null {
  const within = steps.filter((step, i) => step.from < until && (steps[i + 1]?.from ?? until) > from);
  return within.length === 0 ? null : Math.max(...within.map(({ seats }) => seats));
}

/** How near use came to what there is. */
export interface Load {
  /** The highest share of the seats in use at one instant; null where no seats are known. */
  readonly peak: number | null;
  /** Seconds during which every seat was in use, those beyond them included that may be overdrawn. */
  readonly full: Seconds;
  /** Seat-seconds used beyond the seats there are, by overdraft. */
  readonly overdrawn: number;
}

/** Compares use with capacity at every instant at which either changes. */
export function loadOf({ at, seats }: InUse, steps: readonly CapacityStep[], span: Span): Load {
  let peak: number | null = null;
  let full = 0;
  let overdrawn = 0;
  let i = 0;
  steps.forEach((step, k) => {
    const end = Math.min(steps[k + 1]?.from ?? span.until, span.until);
    while ((at[i + 1] ?? Number.POSITIVE_INFINITY) <= step.from) i++;
    for (let now: number = step.from; now < end; ) {
      const next = Math.min(at[i + 1] ?? Number.POSITIVE_INFINITY, end);
      const open = seats[i] ?? 0;
      if (step.seats > 0) peak = Math.max(peak ?? 0, open / step.seats);
      const { overdraft = 0 } = step;
      if (open > 0 && open >= step.seats + overdraft) full += next - now;
      overdrawn += (next - now) * Math.min(overdraft, Math.max(0, open - step.seats));
      now = next;
      if (at[i + 1] === next) i++;
    }
  });
  return { peak, full: seconds(full), overdrawn };
}

/** Seat-seconds that there are in a stretch. */
export function capacitySeconds(steps: readonly CapacityStep[], { from, until }: Span): number {
  return steps.reduce((sum, step, k) => {
    const end = Math.min(steps[k + 1]?.from ?? until, until);
    return sum + step.seats * Math.max(0, end - Math.max(step.from, from));
  }, 0);
}
