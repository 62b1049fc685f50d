import type { HeatMap } from '../../state/reports/heat-map.ts';
import { draw } from './drawing.ts';
import type { Markup } from './markup.ts';
import { type Paint, paint } from './paint.ts';
import { WEEKDAYS } from './tables.ts';

/** Which way the hours run, and how large the plot is drawn. */
type Layout = 'wide' | 'narrow';

const EXTENT = { wide: { width: 940, height: 250 }, narrow: { width: 360, height: 520 } } as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
/** Steps above none. */
export const STEPS = 5;
/** Where a cell stands on the ramp, for what is unknown. */
const NO_STEP = -1;
/** From this step on a figure is light on dark. */
const DEEP = 4;
/** From unused to all seats. */
export const HEAT: readonly Paint[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'];

/** The step of a cell: 0 for unused, then the fifths of the whole. */
function heatStep(mean: number, whole: number): number {
  if (mean === 0) return 0;
  return Math.max(1, Math.min(STEPS, Math.ceil((mean / whole) * STEPS)));
}

/** The mean of a cell as it stands in it: few characters. */
function heatFigure(mean: number): string {
  if (mean === 0) return '0';
  if (mean >= 9.95) return String(Math.round(mean));
  return mean < 0.05 ? '<0.1' : mean.toFixed(1);
}

/** Mean seats in use by hour and weekday, each cell with its figure and painted by its share of `whole`. */
export function heatPlot(
  map: HeatMap,
  whole: number,
  layout: Layout,
  words: { readonly id: string; readonly title: string; readonly text: string },
): Markup {
  const cells = map.flatMap((day, weekday) =>
    day.map((cell, hour) => {
      const step = cell === null ? NO_STEP : heatStep(cell.mean, whole);
      const [x, y] = layout === 'wide' ? [hour, weekday] : [weekday, hour];
      return [x, y, cell?.mean ?? 0, step] as const;
    }),
  );
  const hours = axis(HOURS, layout === 'narrow');
  const days = axis(WEEKDAYS, layout === 'wide');
  const plot = {
    grid: { left: 44, right: 16, top: 24, bottom: 6 },
    xAxis: { ...(layout === 'wide' ? hours : days), position: 'top' },
    yAxis: layout === 'wide' ? days : hours,
    visualMap: {
      ...{ type: 'piecewise', show: false, dimension: 3 },
      pieces: [
        { value: NO_STEP, color: paint('unknown') },
        ...HEAT.map((name, value) => ({ value, color: paint(name) })),
      ],
    },
    series: [
      cellSeries(
        cells.filter(([, , , step]) => step < DEEP),
        'onPale',
      ),
      cellSeries(
        cells.filter(([, , , step]) => step >= DEEP),
        'onDeep',
      ),
    ],
  };
  return draw({ ...words, ...EXTENT[layout], plot });
}

type Cell = readonly [x: number, y: number, mean: number, step: number];

function cellSeries(data: readonly Cell[], ink: Paint) {
  return {
    ...{ type: 'heatmap', data, silent: true },
    itemStyle: { borderColor: paint('grid'), borderWidth: 1 },
    label: {
      ...{ show: true, fontSize: 12, color: paint(ink) },
      formatter: ({ value: [, , mean, step] }: { value: Cell }) =>
        step === NO_STEP ? '–' : heatFigure(mean),
    },
  };
}

function axis(names: readonly string[], inverse: boolean) {
  return {
    ...{ type: 'category', data: [...names], inverse },
    ...{ axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } },
    axisLabel: { color: paint('ink'), fontSize: 12, interval: 0 },
  };
}
