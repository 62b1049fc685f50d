import type { HeatMap } from '../../state/reports/heat-map.ts';
import { drawing, framed } from './drawing.ts';
import { html, type Markup } from './markup.ts';
import { type Paint, paint } from './paint.ts';
import { WEEKDAYS } from './tables.ts';

/** Which way the hours run, and how large the plot is drawn. */
type Layout = 'wide' | 'narrow';

const EXTENT = { wide: { width: 940, height: 250 }, narrow: { width: 360, height: 520 } } as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
/** Steps above none. */
export const STEPS = 5;
/** From this step on a figure is light on dark. */
const DEEP = 4;
/** From unused to all seats. */
export const HEAT: readonly Paint[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'];

/** The step of a cell: 0 for unused, then the fifths of the whole. */
function heatStep(mean: number, whole: number): number {
  if (mean === 0) return 0;
  return Math.min(STEPS, Math.ceil((mean / whole) * STEPS));
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
  const cells = map.flatMap((day) =>
    day.map((cell) => {
      if (cell === null) return { figure: '–', fill: paint('unknown'), ink: paint('onPale') };
      const step = heatStep(cell.mean, whole);
      const ink = paint(step < DEEP ? 'onPale' : 'onDeep');
      return { figure: heatFigure(cell.mean), fill: paint(HEAT[step] ?? 'unknown'), ink };
    }),
  );
  const inside = blank(layout).replaceAll(PLACE, (_, what: string, digits: string) => {
    const cell = cells[Number.parseInt(digits, 16)];
    if (cell === undefined) return '';
    if (what === FIGURE) return html`${cell.figure}`.markup;
    return what === FILL ? cell.fill : cell.ink;
  });
  return framed({ ...words, ...EXTENT[layout] }, inside);
}

/** What begins the place of a cell's colours and its figure in the blank; its number follows, in three hexadecimal digits. */
const [FILL, INK, FIGURE] = ['#fe0', '#fd0', '@f0'] as const;
const PLACE = new RegExp(`(${FILL}|${INK}|${FIGURE})([0-9a-f]{3})`, 'g');

const blanks = new Map<Layout, string>();

// A cell is where it is whatever it says, so the library draws each layout once and not for each of hundreds of features.
function blank(layout: Layout): string {
  const known = blanks.get(layout);
  if (known !== undefined) return known;
  const hours = axis(HOURS, layout === 'narrow');
  const days = axis(WEEKDAYS, layout === 'wide');
  const numbers = Array.from({ length: WEEKDAYS.length * HOURS.length }, (_, number) => number);
  const named = (of: string, number: number) => `${of}${number.toString(16).padStart(3, '0')}`;
  const cells = numbers.map((number) => {
    const [hour, weekday] = [number % HOURS.length, Math.floor(number / HOURS.length)];
    return {
      value: layout === 'wide' ? [hour, weekday, number] : [weekday, hour, number],
      label: { color: named(INK, number), formatter: named(FIGURE, number) },
    };
  });
  const drawn = drawing({
    ...EXTENT[layout],
    plot: {
      grid: { left: 44, right: 16, top: 24, bottom: 6 },
      xAxis: { ...(layout === 'wide' ? hours : days), position: 'top' },
      yAxis: layout === 'wide' ? days : hours,
      visualMap: {
        ...{ type: 'piecewise', show: false, dimension: 2 },
        pieces: numbers.map((number) => ({ value: number, color: named(FILL, number) })),
      },
      series: {
        ...{ type: 'heatmap', data: cells, silent: true },
        itemStyle: { borderColor: paint('grid'), borderWidth: 1 },
        label: { show: true, fontSize: 12 },
      },
    },
  });
  blanks.set(layout, drawn);
  return drawn;
}

function axis(names: readonly string[], inverse: boolean) {
  return {
    ...{ type: 'category', data: [...names], inverse },
    ...{ axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } },
    axisLabel: { color: paint('ink'), fontSize: 12, interval: 0 },
  };
}
