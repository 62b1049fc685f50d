const GAP = '  ';
/** A cell is never cut below this: less says nothing. */
const LEAST = 8;

/**
 * Rows under headers, one line each, within `width` characters: the widest columns are cut with `…` first, and cells are
 * shown whole where there is no terminal (`width` of infinity), for scripts that read them.
 */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const all = [headers, ...rows].map((row) => row.map(oneLine));
  const widths = headers.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  shrink(widths, width - GAP.length * (headers.length - 1));
  return all.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** A text on one line of at most `width` characters. */
export function cut(text: string, width: number): string {
  const line = oneLine(text);
  return lengthOf(line) <= width ? line : `${[...line].slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Text from records is others' words: a control character in it could rewrite the screen. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function shrink(widths: number[], room: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= LEAST) return;
    widths[widest] = width - 1;
    excess--;
  }
}

function padded(cell: string, width: number): string {
  const shown = cut(cell, width);
  return shown + ' '.repeat(Math.max(0, width - lengthOf(shown)));
}

function lengthOf(text: string): number {
  return [...text].length;
}
