import assert from 'node:assert/strict';
import { heatPlot } from '../../core/cli/reports/heat-plot.ts';
import { PAINT } from '../../core/cli/reports/paint.ts';
import type { HeatMap } from '../../core/state/reports/heat-map.ts';
import { elementsOf, parsePage, textOf } from '../support/page-parser.ts';

const WORDS = { id: 'p', title: 'a plot', text: 'words' };

/** Means by hour and weekday: a week of cells of which each says which it is, and one is unknown. */
function week(meanOf: (number: number) => number): HeatMap {
  return Array.from({ length: 7 }, (_, day) =>
    Array.from({ length: 24 }, (_, hour) =>
      day === 2 && hour === 5 ? null : { mean: meanOf(24 * day + hour), peak: 9 },
    ),
  ) as unknown as HeatMap;
}

/** Figure, ink and fill of each cell, in the order of hours of one weekday after another. */
function cellsOf(map: HeatMap, whole: number, layout: 'wide' | 'narrow') {
  const { markup } = heatPlot(map, whole, layout, WORDS);
  const page = parsePage(`<!DOCTYPE html><html><body>${markup}</body></html>`);
  const fills = elementsOf(page, 'path')
    .map(({ attributes }) => attributes.get('fill') ?? '')
    .filter((fill) => fill.startsWith('#'));
  const texts = elementsOf(page, 'text').filter(
    ({ attributes }) => attributes.get('fill') !== PAINT.ink.light,
  );
  return texts.map((text, i) => [textOf(text), text.attributes.get('fill'), fills[i]]);
}

/** Where each text stands, the texts of the axes and those of the cells. */
function placesIn(layout: 'wide' | 'narrow') {
  const { markup } = heatPlot(
    week((number) => 10 + number),
    200,
    layout,
    WORDS,
  );
  const page = parsePage(`<!DOCTYPE html><html><body>${markup}</body></html>`);
  const all = elementsOf(page, 'text').map((text) => {
    const [, x, y] = /translate\(([\d.]+) ([\d.]+)\)/.exec(text.attributes.get('transform') ?? '') ?? [];
    const isAxis = text.attributes.get('fill') === PAINT.ink.light;
    return { text: textOf(text), x: Number(x), y: Number(y), isAxis };
  });
  return { axes: all.filter(({ isAxis }) => isAxis), cells: all.filter(({ isAxis }) => !isAxis) };
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

describe('A heat map', () => {
  for (const layout of ['wide', 'narrow'] as const) {
    it(`drawn ${layout} has each figure where its hour and its weekday cross, those running from the top left`, () => {
      const { axes, cells } = placesIn(layout);
      const [across, down] = layout === 'wide' ? [HOURS, DAYS] : [DAYS, HOURS];
      const placeOf = (name: string) => axes.find(({ text }) => text === name) ?? { x: 0, y: 0 };
      assert.deepEqual(axes.map(({ text }) => text).sort(), [...HOURS, ...DAYS].sort());
      const ascending = (places: readonly number[]) => places.every((at, i) => at > (places[i - 1] ?? 0));
      assert(ascending(across.map((name) => placeOf(name).x)), 'across');
      assert(ascending(down.map((name) => placeOf(name).y)), 'down');
      for (const [number, { text, x, y }] of cells.entries()) {
        const [day, hour] = [DAYS[Math.floor(number / 24)] ?? '', HOURS[number % 24] ?? ''];
        assert.equal(text, day === 'Wed' && hour === '05' ? '–' : String(10 + number));
        const [column, row] = layout === 'wide' ? [hour, day] : [day, hour];
        assert(
          Math.abs(x - placeOf(column).x) < 1 && Math.abs(y - placeOf(row).y) < 1,
          `${text} at ${x} ${y}`,
        );
      }
    });
  }

  it('of a feature without seats paints what is unused so, and what was used as all of it', () => {
    const map = week((number) => number % 2);
    assert.deepEqual(
      cellsOf(map, 0, 'wide')
        .slice(0, 2)
        .map(([, , fill]) => fill),
      [PAINT.heat0.light, PAINT.heat5.light],
    );
  });

  const shown: readonly [mean: number, figure: string, ink: keyof typeof PAINT, fill: keyof typeof PAINT][] =
    [
      [0, '0', 'onPale', 'heat0'],
      [0.01, '<0.1', 'onPale', 'heat1'],
      [2, '2.0', 'onPale', 'heat1'],
      [2.1, '2.1', 'onPale', 'heat2'],
      [6, '6.0', 'onPale', 'heat3'],
      [7.5, '7.5', 'onDeep', 'heat4'],
      [0.05, '0.1', 'onPale', 'heat1'],
      [9.94, '9.9', 'onDeep', 'heat5'],
      [9.96, '10', 'onDeep', 'heat5'],
      [42, '42', 'onDeep', 'heat5'],
    ];
  for (const layout of ['wide', 'narrow'] as const) {
    it(`drawn ${layout} has in each cell its own figure, painted by its share of the whole`, () => {
      const of = (number: number) => shown[number % shown.length] ?? shown[0];
      const expected = Array.from({ length: 168 }, (_, number) => {
        const [, figure = '', ink = 'ink', fill = 'ink'] = of(number) ?? [];
        return number === 2 * 24 + 5
          ? ['–', PAINT.onPale.light, PAINT.unknown.light]
          : [figure, PAINT[ink].light, PAINT[fill].light];
      });
      const map = week((number) => of(number)?.[0] ?? 0);
      assert.deepEqual(
        cellsOf(map, 10, layout).map(([figure, ...paints]) => [figure?.replace('&lt;', '<'), ...paints]),
        expected,
      );
    });

    it(`drawn ${layout} keeps nothing of the one drawn before`, () => {
      const once = heatPlot(
        week(() => 1),
        10,
        layout,
        WORDS,
      ).markup;
      heatPlot(
        week((number) => number),
        168,
        layout,
        WORDS,
      );
      assert.equal(
        heatPlot(
          week(() => 1),
          10,
          layout,
          WORDS,
        ).markup,
        once,
      );
    });
  }
});
