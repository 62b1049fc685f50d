import { DAY, HOUR } from '../../state/reports/buckets.ts';
import { type Coverage, gapsOf } from '../../state/reports/coverage.ts';
import type { FeatureFigures } from '../../state/reports/figures.ts';
import { heatMapOf } from '../../state/reports/heat-map.ts';
import { counted } from '../counted.ts';
import { inHours, oneDecimal, percent, utcMinute } from './figure-words.ts';
import { HEAT, heatPlot, STEPS } from './heat-plot.ts';
import { html, type Markup } from './markup.ts';
import type { PageKind } from './page.ts';
import { type Paint, paint } from './paint.ts';
import { tableMarkup } from './table-markup.ts';
import { heatTable, reasonTable, remarksOf, seatsOf, stretchesOf, stretchTable, useTable } from './tables.ts';
import { NARROW, plotSize, timePlot, WIDE } from './time-plot.ts';

/** Where a section stands, and what it is about. */
interface SectionOptions {
  readonly kind: PageKind;
  readonly size: number;
  readonly number: number;
}

/** The plots of a feature, each with its table, and who used it. */
export function featureSection(one: FeatureFigures, coverage: Coverage, options: SectionOptions): Markup {
  const { kind, number } = options;
  const heading = `feature-${number}`;
  const users = [
    tableMarkup(useTable(one, 'user'), `${one.feature} by user`),
    tableMarkup(useTable(one, 'host'), `${one.feature} by host`),
  ];
  return html`<section id="${heading}" aria-labelledby="${heading}-h">
<h2 id="${heading}-h">${one.feature}</h2>
<p>${sentenceOf(one)}</p>
${timeFigure(one, coverage, options)}
${kind === 'denials' ? [] : heatFigureOf(one, coverage, options)}
${one.denied.length > 0 ? tableMarkup(reasonTable(one), `${one.feature}: denials by reason`) : []}
${kind === 'usage' ? users : []}
</section>
`;
}

/** What hatched areas of every plot refer to. */
export function hatch(): Markup {
  return html`<svg class="apart" width="0" height="0" aria-hidden="true" focusable="false"><defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="under" width="7" height="7"/><line class="weave" x1="0" y1="0" x2="0" y2="7"/></pattern></defs></svg>`;
}

function sentenceOf(one: FeatureFigures): string {
  const { checkouts, denied, load, peak } = one;
  const seats = one.capacity.length === 0 ? 'Its seats are not known here' : `Seats: ${seatsOf(one)}`;
  if (peak === null) return `${seats}. Never in use as far as is known, ${counted(denied.length, 'denial')}.`;
  const share = load.peak === null ? '' : ` (${percent(load.peak)} of them)`;
  return (
    `${seats}. At most ${peak.seats} in use${share}, first on ${utcMinute(peak.at)}; ${oneDecimal(one.mean)} on average; ` +
    `${[`${inHours(one.used)} seat-hours in ${counted(checkouts, 'checkout')}`, ...remarksOf(one)].join('; ')}; ` +
    `${counted(denied.length, 'denial')}.`
  );
}

function timeFigure(one: FeatureFigures, coverage: Coverage, { number, size }: SectionOptions): Markup {
  const { span } = coverage;
  const title = `${one.feature}: seats in use over time`;
  const drawn = (extent: typeof WIDE, id: string) =>
    timePlot(one, coverage, extent, { id: `${id}-${number}`, title, text: sentenceOf(one) });
  const stretches = stretchesOf(one, coverage, size);
  const caption = `${title}, by the ${size === HOUR ? 'hour' : 'day'}`;
  return html`<figure>
<figcaption>Seats in use, <span class="wide">${peakWords(plotSize(span, WIDE))}</span><span class="narrow">${peakWords(plotSize(span, NARROW))}</span> (UTC)</figcaption>
<div class="wide">${drawn(WIDE, 'tw')}</div><div class="narrow">${drawn(NARROW, 'tn')}</div>
${timeLegend(one, coverage)}
<details><summary>The same as a table</summary>${tableMarkup(stretchTable(stretches, size), caption)}</details>
</figure>`;
}

function peakWords(size: number): string {
  if (size === DAY) return 'the peak of each day';
  if (size > DAY) return `the peak of each ${size / DAY} days`;
  if (size === HOUR) return 'the peak of each hour';
  return size > HOUR
    ? `the peak of each ${size / HOUR} hours`
    : `the peak of each ${counted(size / 60, 'minute')}`;
}

function timeLegend({ capacity, denied }: FeatureFigures, coverage: Coverage): Markup {
  const { expected, reported } = coverage;
  const partial = reported.some((have, i) => have > 0 && have < (expected[i] ?? 0));
  const items = [
    item(
      'in use',
      html`<rect width="24" height="12" fill="${paint('area')}"/><path d="M0 1H24" stroke="${paint('use')}" stroke-width="2"/>`,
    ),
    ...(capacity.length > 0
      ? [
          item(
            'seats',
            html`<path d="M0 6H24" stroke="${paint('capacity')}" stroke-width="2" stroke-dasharray="7 4"/>`,
          ),
        ]
      : []),
    ...(denied.length > 0
      ? [item('denials, with their number', html`<path d="M7 2H17L12 11Z" fill="${paint('denial')}"/>`)]
      : []),
    ...(gapsOf(coverage).length > 0 ? [item('unknown: no records', swatch('unknown'))] : []),
    ...(partial
      ? [
          item(
            'records of some hosts only',
            html`<rect y="4" width="24" height="5" fill="${paint('partial')}"/>`,
          ),
        ]
      : []),
  ];
  return html`<ul class="legend">${items}</ul>`;
}

function heatFigureOf(one: FeatureFigures, coverage: Coverage, { number }: SectionOptions): Markup {
  const map = heatMapOf(one.hours, coverage);
  const seats = Math.max(0, ...one.capacity.map((step) => step.seats));
  const highest = Math.max(0, ...map.flat().map((cell) => cell?.mean ?? 0));
  const whole = seats > 0 ? seats : highest;
  const title = `${one.feature}: seats in use by hour and weekday`;
  const words = (id: string) => ({ id: `${id}-${number}`, title, text: 'The table below has each figure.' });
  return html`<figure>
<figcaption>Seats in use on average, by hour and weekday (UTC)</figcaption>
<div class="wide">${heatPlot(map, whole, 'wide', words('hw'))}</div><div class="narrow">${heatPlot(map, whole, 'narrow', words('hn'))}</div>
${heatLegend(whole, seats > 0, map.flat().includes(null))}
<details><summary>The same as a table, with peaks</summary>${tableMarkup(heatTable(map), `${title}: mean (peak)`)}</details>
</figure>`;
}

function heatLegend(whole: number, ofSeats: boolean, hasGaps: boolean): Markup {
  const steps = HEAT.map((name, step) => {
    if (step === 0) return item('none', swatch(name));
    if (ofSeats)
      return item(`to ${(100 * step) / STEPS} %${step === STEPS ? ' of the seats' : ''}`, swatch(name));
    return item(`to ${oneDecimal((whole * step) / STEPS)}`, swatch(name));
  });
  return html`<ul class="legend">${steps}${hasGaps ? item('unknown: no records', swatch('unknown')) : []}</ul>`;
}

function swatch(name: Paint): Markup {
  return html`<rect x="1" y="1" width="22" height="10" fill="${paint(name)}" stroke="${paint('axis')}"/>`;
}

function item(text: string, sign: Markup): Markup {
  return html`<li><svg viewBox="0 0 24 12" aria-hidden="true" focusable="false">${sign}</svg>${text}</li>`;
}
