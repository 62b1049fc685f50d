import { CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, type Markup } from './markup.ts';

use([
  CustomChart,
  GridComponent,
  HeatmapChart,
  LineChart,
  MarkAreaComponent,
  ScatterChart,
  SVGRenderer,
  VisualMapComponent,
]);

/** What most texts have stands once, in the root, and is inherited. */
const USUAL = ['text-anchor="middle"', 'dominant-baseline="central"', 'font-size="12"'] as const;

/** What a drawing is called, and how large it is meant to be seen. */
interface Frame {
  readonly id: string;
  readonly title: string;
  /** What it shows in words, for those who do not see it. */
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

/** What is drawn, and how large. */
interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly plot: EChartsCoreOption;
}

/** A plot as still SVG that needs no script, no network and no style of its own. */
export function draw({ plot, ...frame }: Frame & Drawn): Markup {
  return framed(frame, drawing({ plot, width: frame.width, height: frame.height }));
}

/** The outermost element around what was drawn. */
export function framed({ height, id, text, title, width }: Frame, inside: string): Markup {
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" ${{ markup: USUAL.join(' ') }} role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${text}</desc>${{ markup: inside }}</svg>`;
}

/** What is inside that element: ECharts drawn without a screen. */
export function drawing({ height, plot, width }: Drawn): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, backgroundColor: 'transparent', ...plot });
    return stripped(chart.renderToSVGString());
  } finally {
    // It holds a timer that would keep the process.
    chart.dispose();
  }
}

const usual = new RegExp(` (?:${USUAL.join('|')})`, 'g');

/** Without what serves a live plot, and with nothing that a page without inline styles would not show. */
function stripped(svg: string): string {
  return (
    svg
      .replace(/^<svg[^>]*>\s*/, '')
      .replace(/<\/svg>\s*$/, '')
      .replaceAll(/<style[\s\S]*?<\/style>/g, '')
      .replaceAll(/ (?:class|pointer-events|paint-order|xml:space|ecmeta_\w+)="[^"]*"/g, '')
      .replaceAll(/ style="([^"]*)"/g, (_, style: string) => {
        const size = /font-size:(\d+)px/.exec(style)?.[1];
        const weight = /font-weight:(\w+)/.exec(style)?.[1];
        return `${size === undefined ? '' : ` font-size="${size}"`}${weight === undefined ? '' : ` font-weight="${weight}"`}`;
      })
      .replaceAll(usual, '')
      // A tenth of a pixel is all that can be seen.
      .replaceAll(/\d+\.\d{2,}/g, (digits) => String(Number(Number(digits).toFixed(1))))
      .replaceAll(/>\s*\n\s*</g, '>\n<')
      .trim()
  );
}
