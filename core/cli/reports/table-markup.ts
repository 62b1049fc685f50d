import { html, type Markup } from './markup.ts';
import type { Table } from './tables.ts';

/**
 * A table for screen readers and eyes: a caption, headers with their scope, and a frame that can be scrolled by keyboard where the
 * page is narrower than the table.
 */
export function tableMarkup({ columns, rows }: Table, caption: string): Markup {
  const head = columns.map(({ figures, name }) => html`<th scope="col"${classOf(figures)}>${name}</th>`);
  const body = rows.map((row) => {
    const cells = columns.map(({ figures }, i) =>
      i === 0
        ? html`<th scope="row">${row[i] ?? ''}</th>`
        : html`<td${classOf(figures)}>${row[i] ?? ''}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>`;
}

function classOf(figures: boolean): Markup {
  return { markup: figures ? ' class="figure"' : '' };
}
