import { PAINT, type Paint } from './paint.ts';

const LAYOUT = `
:root { color-scheme: light dark; --page: #ffffff; --text: #1c1c1f; --quiet: #55555c; --line: #d5d5da; --band: #f6f6f8; --link: #0b57a4; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; background: var(--page); padding: .5rem; }
.index { columns: 14rem; padding-left: 1.2rem; }
.index li { overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
section h2 { margin-top: 1.25rem; }
figure { margin: 1rem 0; }
figcaption { font-weight: 600; }
.plot { display: block; width: 100%; height: auto; font-family: inherit; }
.narrow { display: none; }
.apart { position: absolute; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .25rem 0 .5rem; padding: 0; font-size: .875rem; }
.legend svg { width: 1.5rem; height: .8rem; margin-right: .4rem; vertical-align: -.05rem; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; font-size: .875rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { white-space: nowrap; font-size: .75rem; letter-spacing: .02em; color: var(--quiet); }
tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 6rem; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:nth-child(even) { background: var(--band); }
summary { cursor: pointer; font-size: .875rem; }
@media (max-width: 40rem) { .wide { display: none; } .narrow { display: block; } span.narrow { display: inline; } body { padding-top: 1rem; } }
`;

const DARK = `--page: #141417; --text: #ececf0; --quiet: #a6a6ae; --line: #35353b; --band: #1b1b1f; --link: #8ac2ff;`;

const PRINT = `
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .wide { display: block; } span.wide { display: inline; } .narrow, span.narrow, .skip, nav { display: none; }
  .scroll { overflow: visible; } details::details-content { content-visibility: visible; block-size: auto; }
  .plot, tr, h2, h3 { break-inside: avoid; } h2, h3, caption, figcaption { break-after: avoid; } thead { display: table-header-group; }
}
@media (forced-colors: active) { .plot, .legend svg { forced-color-adjust: none; } }
`;

/** The whole style of a page: light or dark as the reader's system is, and light on paper. */
export const PAGE_STYLE = [
  LAYOUT,
  `:root { ${painted('light')} }`,
  `@media screen and (prefers-color-scheme: dark) { :root { ${DARK} ${painted('dark')} } }`,
  ...names().map(
    (name) =>
      `svg [fill="${PAINT[name].light}"] { fill: ${filled(name)}; } svg [stroke="${PAINT[name].light}"] { stroke: var(--${name}); }`,
  ),
  '.weave { stroke: var(--axis); stroke-width: 1.2; } .under { fill: var(--unknown); }',
  PRINT,
].join('\n');

function filled(name: Paint): string {
  // A pattern tells what is unknown from what is pale.
  return name === 'unknown' ? 'url(#hatch)' : `var(--${name})`;
}

function painted(scheme: 'light' | 'dark'): string {
  return names()
    .map((name) => `--${name}: ${PAINT[name][scheme]};`)
    .join(' ');
}

function names(): readonly Paint[] {
  return Object.keys(PAINT) as Paint[];
}
