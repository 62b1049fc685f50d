import { cpus, totalmem } from 'node:os';
import type { Growth } from './growth.ts';
import type { Row } from './row.ts';

/** The figures of one benchmark, and how they grow. */
export interface Result {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

/** The machine on which figures were taken. */
interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly system: string;
}

/** This machine. */
export function machine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  };
}

/** The line above a table. */
export function headline(at: Machine, quick: boolean): string {
  const length = quick ? ', short form' : '';
  return `${at.cores} cores (${at.cpu}), ${at.memoryGiB} GiB, node ${at.node}, ${at.system}${length}\n`;
}

const HEAD = ['figure', 'value', 'reach', 'stock', 'ours / stock'] as const;

/** One benchmark's figures as lines of text. */
export function tableOf({ growth, name, rows }: Result): string {
  const cells = [[...HEAD], ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const all = [...lines, ...growth.map(growthLine)];
  return `\n${name}\n${all.map((line) => `  ${line}\n`).join('')}`;
}

function growthLine({ exponent, figure: what, over, points, unit }: Growth): string {
  const values = points.map(({ at, value }) => `${at.toLocaleString('en')}: ${figure(value)}`).join(', ');
  const power = exponent === null ? '' : `; as ${over} to the power of ${exponent.toFixed(2)}`;
  return `growth: ${what} (${unit}) over ${over}: ${values}${power}`;
}

function cellsOf({ what, value, unit, reach, stock }: Row): string[] {
  const met = reach !== null && (reach.at === 'most' ? value <= reach.value : value >= reach.value);
  const bound = reach === null ? '' : `${reach.at === 'most' ? '≤' : '≥'} ${figure(reach.value)}`;
  return [
    what,
    `${figure(value)} ${unit}`,
    reach === null ? '' : `${bound} ${met ? 'met' : 'missed'}`,
    stock === undefined ? '' : figure(stock),
    stock === undefined ? '' : (value / stock).toFixed(2),
  ];
}

function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
