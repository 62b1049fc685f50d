/** HTML or SVG that may stand in a document as it is. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | readonly Markup[] | string | number;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup from a template. Every text put into it is escaped: names come from records, and others write those. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let out = strings[0] ?? '';
  parts.forEach((part, i) => {
    out += textOf(part) + (strings[i + 1] ?? '');
  });
  return { markup: out };
}

/** Text of which all is shown as it stands, in elements and in quoted attributes. */
function escaped(text: string): string {
  // Control characters have no place in HTML, and some of them end it in other readers.
  return text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign).replaceAll(/\p{Cc}/gu, ' ');
}

function textOf(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}
