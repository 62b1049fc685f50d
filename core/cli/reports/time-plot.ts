import { type Buckets, bucketCount, bucketSpan, bucketsOf, DAY, HOUR } from '../../state/reports/buckets.ts';
import { type Coverage, gapsOf, knownIn } from '../../state/reports/coverage.ts';
import type { FeatureFigures } from '../../state/reports/figures.ts';
import type { Span } from '../../state/reports/in-use.ts';
import { draw } from './drawing.ts';
import type { Markup } from './markup.ts';
import { paint } from './paint.ts';
import { type Tick, timeTicks } from './time-ticks.ts';

/** How large a plot is drawn. */
interface Extent {
  readonly width: number;
  readonly height: number;
  /** Stretches of time that can be told apart in it. */
  readonly points: number;
  readonly ticks: number;
  /** Marks of denials that do not overlap. */
  readonly marks: number;
}

/** For a desk and paper, and for a telephone. */
export const WIDE: Extent = { width: 940, height: 260, points: 750, ticks: 16, marks: 36 };
export const NARROW: Extent = { width: 360, height: 240, points: 370, ticks: 5, marks: 12 };

const SIZES = [60, 300, 900, HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY];
const LEFT = 44;
const RIGHT = 16;
const LANE = { top: 4, height: 24 };
const TOP = 42;
const BOTTOM = 30;
/** Pixels of the strip along the axis that says where some hosts have no records. */
const STRIP = 5;
const MILLI = 1000;
/** From here on figures along the axis may be wider than the margin. */
const WIDE_FIGURES = 1000;

/** The length of the stretches of which a plot shows the peak. */
export function plotSize(span: Span, { points }: Extent): number {
  return SIZES.find((size) => bucketCount(span, size) <= points) ?? 28 * DAY;
}

/** Seats in use over time, with the seats there are, the denials, and where records are missing. */
export function timePlot(
  one: FeatureFigures,
  coverage: Coverage,
  extent: Extent,
  words: { readonly id: string; readonly title: string; readonly text: string },
): Markup {
  const { span } = coverage;
  const { height, width } = extent;
  const size = plotSize(span, extent);
  const buckets = size === HOUR ? one.hours : bucketsOf(one.inUse, span, size);
  const axis = timeAxis(span, timeTicks(span, extent.ticks));
  const bottom = height - BOTTOM;
  const denied = one.denied.length > 0;
  // To look for room for labels that have it takes the library a sixth of its time.
  const outerBoundsMode = mostOf(one) < WIDE_FIGURES ? 'none' : 'auto';
  const plot = {
    grid: [
      { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM, outerBoundsMode },
      ...(denied ? [{ left: LEFT, right: RIGHT, ...LANE, outerBoundsMode: 'none' }] : []),
    ],
    xAxis: [axis, ...(denied ? [{ ...axis, gridIndex: 1, show: false }] : [])],
    yAxis: [seatAxis(), ...(denied ? [laneAxis()] : [])],
    series: [
      {
        ...{ type: 'line', data: useLine(buckets, coverage), showSymbol: false, silent: true, z: 3 },
        lineStyle: { color: paint('use'), width: 1.5, join: 'miter' },
        areaStyle: { color: paint('area'), opacity: 1 },
        markArea: missing(coverage, bottom),
      },
      {
        ...{ type: 'line', data: capacityLine(one, span), showSymbol: false, silent: true, z: 5 },
        lineStyle: { color: paint('capacity'), width: 2, type: [7, 4] },
      },
      ...(denied ? [denialSeries(one, span, extent)] : []),
    ],
  };
  return draw({ ...words, width, height, plot });
}

function mostOf({ capacity, peak }: FeatureFigures): number {
  return Math.max(peak?.seats ?? 0, ...capacity.map(({ seats }) => seats));
}

function denialSeries(one: FeatureFigures, span: Span, { marks }: Extent) {
  return {
    ...{ type: 'scatter', data: denialMarks(one, span, marks), silent: true, z: 5 },
    ...{ xAxisIndex: 1, yAxisIndex: 1, symbol: 'triangle', symbolRotate: 180, symbolSize: [9, 8] },
    symbolOffset: [0, 6],
    itemStyle: { color: paint('denial'), opacity: 1 },
    label: {
      ...{ show: true, position: 'top', distance: 0, fontSize: 11, color: paint('denial') },
      formatter: ({ value }: { value: readonly number[] }) => ((value[2] ?? 0) > 1 ? String(value[2]) : ''),
    },
  };
}

function timeAxis({ from, until }: Span, ticks: readonly Tick[]) {
  const labels = new Map(ticks.map(({ at, label }) => [at * MILLI, label]));
  const at = { customValues: [...labels.keys()] };
  return {
    ...{ type: 'time', min: from * MILLI, max: until * MILLI },
    axisLine: { lineStyle: { color: paint('axis') }, onZero: false },
    axisTick: { ...at, lineStyle: { color: paint('axis') } },
    axisLabel: {
      ...{ ...at, color: paint('ink'), fontSize: 12, margin: 10, hideOverlap: true },
      formatter: (instant: number) => labels.get(instant) ?? '',
    },
    splitLine: { show: false },
  };
}

function seatAxis() {
  return {
    ...{ type: 'value', min: 0, minInterval: 1, splitNumber: 4 },
    axisLabel: { color: paint('ink'), fontSize: 12 },
    splitLine: { lineStyle: { color: paint('grid') } },
  };
}

function laneAxis() {
  return {
    ...{ type: 'value', gridIndex: 1, min: 0, max: 1 },
    ...{ splitLine: { show: false }, axisLine: { show: false }, axisTick: { show: false } },
    axisLabel: { show: false },
  };
}

/** The outline of a step function; broken where nothing is known. */
function useLine(buckets: Buckets, coverage: Coverage): (readonly [number, number | null])[] {
  const line: (readonly [number, number | null])[] = [];
  buckets.peak.forEach((peak, index) => {
    const span = bucketSpan(buckets, index);
    const value = peak === 0 && knownIn(coverage, span) === 'none' ? null : peak;
    const before = line.at(-1);
    // A level that goes on is one line, not many.
    if (before?.[1] === value && line.length > 1) line.pop();
    else line.push([span.from * MILLI, value]);
    line.push([span.until * MILLI, value]);
  });
  return line;
}

function capacityLine({ capacity }: FeatureFigures, { until }: Span): (readonly [number, number])[] {
  return capacity.flatMap(({ from, seats }, i) => {
    const end = capacity[i + 1]?.from ?? until;
    return [
      [from * MILLI, seats],
      [end * MILLI, seats],
    ] as const;
  });
}

/** Denials that are close together share a mark that counts them. */
function denialMarks({ denied }: FeatureFigures, span: Span, most: number): readonly (readonly number[])[] {
  const slot = (span.until - span.from) / most;
  const counts = new Map<number, number>();
  for (const at of denied) {
    const index = Math.floor((at - span.from) / slot);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return [...counts].map(([index, count]) => [(span.from + (index + 0.5) * slot) * MILLI, 0, count]);
}

/** Hatched where there are no records, and a strip along the axis where some hosts have none. */
function missing(coverage: Coverage, bottom: number) {
  const gaps = gapsOf(coverage).map(({ from, until }) => [
    { xAxis: from * MILLI, itemStyle: { color: paint('unknown') } },
    { xAxis: until * MILLI },
  ]);
  const strips = partsOf(coverage).map(({ from, until }) => [
    { xAxis: from * MILLI, y: bottom - STRIP, itemStyle: { color: paint('partial') } },
    { xAxis: until * MILLI, y: bottom },
  ]);
  return { silent: true, z: 4, data: [...gaps, ...strips] };
}

function partsOf({ expected, reported, span }: Coverage): readonly Span[] {
  const grid = { size: HOUR, span };
  const parts: Span[] = [];
  reported.forEach((have, index) => {
    if (have === 0 || have >= (expected[index] ?? 0)) return;
    const { from, until } = bucketSpan(grid, index);
    const before = parts.at(-1);
    if (before?.until === from) parts[parts.length - 1] = { from: before.from, until };
    else parts.push({ from, until });
  });
  return parts;
}
