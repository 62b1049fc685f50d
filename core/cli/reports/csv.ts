/** A cell: figures are written as they are, and what is not known is empty. */
export type Cell = string | number | null;

/** What a spreadsheet takes for a formula, also in its full-width form, or behind white space. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * Comma-separated values (RFC 4180), with a header. The attack: somebody calls himself `=HYPERLINK(…)`, and whoever opens the
 * report in a spreadsheet runs it; such texts get an apostrophe in front, by which spreadsheets know text (OWASP, CSV injection).
 */
export function csv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [line(header)];
  for (const row of rows) lines.push(line(row));
  return `${lines.join('\r\n')}\r\n`;
}

function line(cells: readonly Cell[]): string {
  return cells.map(field).join(',');
}

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
