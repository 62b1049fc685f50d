import type { Row } from './row.ts';

/** How one figure changes with the size of what it was measured on. */
export interface Growth {
  readonly figure: string;
  readonly unit: string;
  readonly over: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
  /** The power of the size that fits best: 0 stays as it is, 1 grows with it, 2 with its square; null where one size is 0. */
  readonly exponent: number | null;
}

/** The figures that were measured at several sizes, smallest first. */
export function growthIn(rows: readonly Row[]): readonly Growth[] {
  const series = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.grows === undefined) continue;
    const name = `${row.grows.figure} over ${row.grows.over}`;
    series.set(name, [...(series.get(name) ?? []), row]);
  }
  return [...series.values()].filter((of) => of.length > 1).map(growthOf);
}

function growthOf(rows: readonly Row[]): Growth {
  const [first] = rows;
  const points = rows.map(({ grows, value }) => ({ at: grows?.at ?? 0, value })).sort((a, b) => a.at - b.at);
  const whole = points.every(({ at, value }) => at > 0 && value > 0);
  return {
    ...{ figure: first?.grows?.figure ?? '', unit: first?.unit ?? '', over: first?.grows?.over ?? '' },
    ...{ points, exponent: whole ? slopeOf(points) : null },
  };
}

/** Least squares through the logarithms. */
function slopeOf(points: Growth['points']): number {
  const logs = points.map(({ at, value }) => ({ x: Math.log(at), y: Math.log(value) }));
  const mean = (of: (log: { x: number; y: number }) => number) =>
    logs.reduce((sum, log) => sum + of(log), 0) / logs.length;
  const [x, y] = [mean((log) => log.x), mean((log) => log.y)];
  const rise = logs.reduce((sum, log) => sum + (log.x - x) * (log.y - y), 0);
  return rise / logs.reduce((sum, log) => sum + (log.x - x) ** 2, 0);
}
