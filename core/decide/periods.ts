import type { Configuration } from '../state/compile.ts';
import { boundsOf } from '../state/period.ts';
import { blocksOf } from '../state/rules.ts';
import type { Seconds } from '../units.ts';
import { daysFrom, type Span, union } from './spans.ts';

/** When a period by days that is bounded from an instant began for the host in question; null where it has not. */
export type SetUp = (period: string, from: Seconds) => Seconds | null;

/** A period as the registry has it: `days` is null where dates alone say when it is. */
interface Window extends Span {
  readonly id: string;
  readonly days: number | null;
}

const NOT_SET_UP: SetUp = () => null;

/** The spans in which a feature may be used, its blocks' included: periods that overlap or touch are one, in order. */
export function periodsOf(
  configuration: Configuration,
  feature: string,
  setUp: SetUp = NOT_SET_UP,
): readonly Span[] {
  const { dated, byDays } = windowsOf(configuration, feature);
  if (byDays.length === 0) return dated;
  const begun = byDays.flatMap((window) => begunSpan(window, setUp(window.id, window.from)));
  return begun.length === 0 ? dated : union([...dated, ...begun]);
}

/** A feature's periods that run from set-up, with the bounds that dates set them. */
export function periodsByDays(configuration: Configuration, feature: string): readonly Window[] {
  return windowsOf(configuration, feature).byDays;
}

function begunSpan({ days, from, until }: Window, at: Seconds | null): readonly Span[] {
  return at === null || days === null ? [] : daysFrom(at, days, { from, until });
}

interface Windows {
  readonly dated: readonly Span[];
  readonly byDays: readonly Window[];
}

const known = new WeakMap<Configuration, Map<string, Windows>>();

function windowsOf(configuration: Configuration, feature: string): Windows {
  const index = known.get(configuration) ?? new Map<string, Windows>();
  known.set(configuration, index);
  const found = index.get(feature) ?? makeWindows(configuration, feature);
  index.set(feature, found);
  return found;
}

function makeWindows({ registry }: Configuration, feature: string): Windows {
  const blocks = new Set(blocksOf(registry, feature));
  const all: Window[] = [];
  for (const [id, period] of Object.entries(registry.periods)) {
    const isOf = period.feature === feature || (period.block !== undefined && blocks.has(period.block));
    const { from, until } = boundsOf(period);
    if (!isOf || from === null || until === null) continue;
    all.push({ id, from, until, days: period.days ?? null });
  }
  return {
    dated: union(all.filter(({ days }) => days === null)),
    byDays: all.filter(({ days }) => days !== null),
  };
}
