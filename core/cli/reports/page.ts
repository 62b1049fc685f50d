import { createHash } from 'node:crypto';
import type { FeatureFigures, UsageFigures } from '../../state/reports/figures.ts';
import { featureSection, hatch } from './feature-section.ts';
import { utcMinute } from './figure-words.ts';
import { knownSentences } from './known-words.ts';
import { html, type Markup } from './markup.ts';
import { PAGE_STYLE } from './page-style.ts';
import { tableMarkup } from './table-markup.ts';
import { denialTable, reasonsTable, summaryTable } from './tables.ts';

/** What a page is about: all of use, its peaks by the hour or the day, or its denials. */
export type PageKind = 'usage' | 'peaks' | 'denials';

/** What a page is made of. */
interface PageOptions {
  readonly kind: PageKind;
  readonly figures: UsageFigures;
  /** The length of the stretches in tables of time. */
  readonly size: number;
  readonly made: { readonly at: number; readonly by: string; readonly realm: string | null };
}

/** Denials that are listed one by one; all are counted, and in the CSV. */
const MOST_DENIALS = 500;

const TITLES = { usage: 'Seats in use', peaks: 'Peaks of use', denials: 'Denials' } as const;

/** A report as one file that opens without a network: no script, nothing from elsewhere, and a policy that forbids both. */
export function reportPage({ figures, kind, made, size }: PageOptions): string {
  const { denials, features, span } = figures;
  const shown = features.filter(kind === 'denials' ? wasDenied : wasUsed);
  const idle = features.filter((one) => !shown.includes(one));
  const realm = made.realm === null ? '' : ` in ${made.realm}`;
  const title = `${TITLES[kind]}${realm}`;
  const style = createHash('sha256').update(PAGE_STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="leasehold ${made.by}">
<title>${title}, ${utcMinute(span.from)} to ${utcMinute(span.until)} UTC</title>
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
<a class="skip" href="#summary">To the summary</a>
<header>
<h1>${title}</h1>
<p>${utcMinute(span.from)} to ${utcMinute(span.until)}. All times are UTC.</p>
</header>
<main>
<section id="summary">
<h2>Summary</h2>
${knownSentences(figures).map((sentence) => html`<p>${sentence}</p>`)}
${tablesOf(kind, figures)}
</section>
${shown.length > 1 ? indexOf(shown) : []}
${idle.length > 0 ? idleOf(idle, kind) : []}
${hatch()}
${shown.map((one, i) => featureSection(one, figures.coverage, { kind, size, number: i + 1 }))}
${kind === 'denials' && denials.length > 0 ? listOf(denials) : []}
</main>
<footer>
<p class="quiet">Made ${utcMinute(made.at)} UTC by leasehold ${made.by} from what hosts have signed of their use.</p>
</footer>
</body>
</html>
`;
  return page.markup;
}

function tablesOf(kind: PageKind, { denials, features }: UsageFigures): readonly Markup[] {
  if (features.length === 0)
    return [html`<p>No feature had a seat, a session or a denial in this period.</p>`];
  const summary = tableMarkup(summaryTable(features), 'Features');
  if (kind !== 'denials') return [summary];
  if (denials.length === 0) return [html`<p>Nothing was denied in this period.</p>`, summary];
  return [tableMarkup(reasonsTable(features), 'Denials by feature and reason'), summary];
}

function indexOf(features: readonly FeatureFigures[]): Markup {
  const items = features.map(({ feature }, i) => html`<li><a href="#feature-${i + 1}">${feature}</a></li>`);
  return html`<nav aria-labelledby="index"><h2 id="index">Features</h2><ul class="index">${items}</ul></nav>`;
}

function idleOf(features: readonly FeatureFigures[], kind: PageKind): Markup {
  const names = features.map(({ feature }) => feature).join(', ');
  const what = kind === 'denials' ? 'Nothing was denied of' : 'Not used as far as is known';
  return html`<p class="quiet">${what}: ${names}.</p>`;
}

function listOf(denials: UsageFigures['denials']): Markup {
  const more = denials.length > MOST_DENIALS ? `, the latest ${MOST_DENIALS} of ${denials.length}` : '';
  return html`<section><h2>Each denial${more}</h2>${tableMarkup(denialTable(denials, MOST_DENIALS), 'Denials, the latest first')}</section>`;
}

function wasUsed({ checkouts, denied }: FeatureFigures): boolean {
  return checkouts > 0 || denied.length > 0;
}

function wasDenied({ denied }: FeatureFigures): boolean {
  return denied.length > 0;
}
