import { fetchUsage } from '../agent/usage-log.ts';
import { VERSION } from '../agent/version.ts';
import { DAY, HOUR } from '../state/reports/buckets.ts';
import { type UsageFigures, usageFigures } from '../state/reports/figures.ts';
import type { UsageLog } from '../state/usage.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Refusal } from './refusal.ts';
import { utcMinute } from './reports/figure-words.ts';
import { knownSentences } from './reports/known-words.ts';
import {
  denialsCsv,
  denialsData,
  peaksCsv,
  peaksData,
  usageCsv,
  usageData,
} from './reports/machine-forms.ts';
import type { PageKind } from './reports/page.ts';
import { type SpanOptions, spanOf } from './reports/span.ts';
import {
  denialTable,
  reasonsTable,
  remarksOf,
  stretchesOf,
  stretchTable,
  summaryTable,
  type Table,
  useTable,
  usualSize,
} from './reports/tables.ts';

/** What a report is about. */
export type ReportKind = PageKind;

/** What `report` is told. */
export interface ReportOptions extends SpanOptions {
  readonly feature?: string;
  readonly csv?: boolean;
  readonly html?: boolean;
  /** Of `peaks`: the length of the stretches. */
  readonly by?: 'hour' | 'day';
}

/** Denials that a terminal shows one by one; files have all. */
const SHOWN_DENIALS = 20;

/** `report usage`, `report peaks`, `report denials`: what hosts have signed of their use, as a table, CSV, JSON or a page. */
export async function report(io: CommandIo, kind: ReportKind, options: ReportOptions): Promise<ExitCode> {
  const forms = [options.csv, options.html, io.out.json].filter((wanted) => wanted === true);
  if (forms.length > 1) throw new Refusal('USAGE', 'expected one of --csv, --html and --json');
  if (options.html === true && io.stdout.isTTY) {
    const hint = `leasehold report ${kind} --since ${options.since} --html -o report.html`;
    throw new Refusal('USAGE', 'a page is no use on a terminal', hint);
  }
  const figures = await figuresOf(io, options);
  const size = sizeOf(options, figures);
  if (options.csv === true) io.out.raw(csvOf(kind, figures, size));
  else if (options.html === true) io.out.raw(await pageOf(io, kind, figures, size));
  else show(io, kind, figures, size, options.feature !== undefined);
  return EXIT.success;
}

async function figuresOf(io: CommandIo, options: ReportOptions): Promise<UsageFigures> {
  const span = spanOf(options, io.now());
  const agent = await io.agent();
  const asked = { since: span.from, until: span.until };
  const { features, members } = await agent.request('capacity', asked);
  const log = await fetchUsage(agent, asked);
  const { feature } = options;
  const capacities = new Map(
    Object.entries(features).filter(([id]) => feature === undefined || id === feature),
  );
  const figures = usageFigures({
    ...{ span, capacities, members: new Set(members) },
    log: feature === undefined ? log : only(log, feature),
  });
  if (feature !== undefined && figures.features.length === 0) {
    const hint = 'leasehold registry list features';
    throw new Refusal('NOT_FOUND', `there was no feature ${feature} in this period`, hint);
  }
  return figures;
}

function only(log: UsageLog, feature: string): UsageLog {
  const isIt = (event: { readonly feature: string }) => event.feature === feature;
  return { ...log, sessions: log.sessions.filter(isIt), denials: log.denials.filter(isIt) };
}

function sizeOf({ by }: ReportOptions, { span }: UsageFigures): number {
  if (by === undefined) return usualSize(span);
  return by === 'hour' ? HOUR : DAY;
}

function csvOf(kind: ReportKind, figures: UsageFigures, size: number): string {
  if (kind === 'usage') return usageCsv(figures);
  return kind === 'peaks' ? peaksCsv(figures, size) : denialsCsv(figures);
}

async function pageOf(io: CommandIo, kind: ReportKind, figures: UsageFigures, size: number): Promise<string> {
  const agent = await io.agent();
  const { realm } = await agent.request('status', {});
  // The library that draws is larger than the whole command line.
  const { reportPage } = await import('./reports/page.ts');
  return reportPage({ kind, figures, size, made: { at: io.now(), by: VERSION, realm: realm?.name ?? null } });
}

function show(io: CommandIo, kind: ReportKind, figures: UsageFigures, size: number, whole: boolean): void {
  const lines = (own: () => readonly string[]) => () => {
    const { from, until } = figures.span;
    const head = [`${utcMinute(from)} to ${utcMinute(until)} UTC`, ...knownSentences(figures)];
    return [...head, ...own()];
  };
  if (kind === 'usage') {
    io.out.show(
      'UsageReport',
      usageData(figures),
      lines(() => usageLines(io, figures, whole)),
    );
  } else if (kind === 'peaks') {
    io.out.show(
      'PeakReport',
      peaksData(figures, size),
      lines(() => peakLines(io, figures, size)),
    );
  } else {
    io.out.show(
      'DenialReport',
      denialsData(figures),
      lines(() => denialLines(io, figures)),
    );
  }
}

function usageLines(io: CommandIo, { features }: UsageFigures, whole: boolean): readonly string[] {
  if (features.length === 0) return ['No feature had a seat, a session or a denial'];
  const remarks = features.flatMap((one) =>
    remarksOf(one).map((remark) => io.out.line(`${one.feature}: ${remark}`)),
  );
  const summary = [...section(io, summaryTable(features)), ...remarks];
  if (!whole) return [...summary, '', 'By user and host: --feature ID; plots: --html -o FILE'];
  return [
    ...summary,
    ...features.flatMap((one) =>
      one.uses.length === 0
        ? []
        : [...section(io, useTable(one, 'user')), ...section(io, useTable(one, 'host'))],
    ),
  ];
}

function peakLines(io: CommandIo, { coverage, features }: UsageFigures, size: number): readonly string[] {
  const lines = features.flatMap((one) => {
    // What is known to be idle needs no line; that it is idle is what is left out.
    const busy = stretchesOf(one, coverage, size).filter(({ denials, peak }) => peak > 0 || denials > 0);
    return busy.length === 0 ? [] : ['', one.feature, ...tableLines(io, stretchTable(busy, size))];
  });
  return lines.length === 0 ? ['Nothing was in use, as far as is known'] : lines;
}

function denialLines(io: CommandIo, { denials, features }: UsageFigures): readonly string[] {
  if (denials.length === 0) return ['Nothing was denied, as far as is known'];
  const more = denials.length - SHOWN_DENIALS;
  return [
    ...section(io, reasonsTable(features)),
    ...section(io, denialTable(denials, SHOWN_DENIALS)),
    ...(more > 0 ? [`and ${counted(more, 'earlier one')}: --csv has all`] : []),
  ];
}

function section(io: CommandIo, table: Table): readonly string[] {
  return ['', ...tableLines(io, table)];
}

/** Headers that are too long for a terminal, or hold spaces, by which scripts would cut them. */
const SHORT: Readonly<Record<string, string>> = {
  'SEAT-HOURS': 'HOURS',
  CHECKOUTS: 'TAKEN',
  'ALL IN USE': 'FULL',
  'PEAK %': 'PEAK%',
  'MEAN %': 'MEAN%',
  'DAY (UTC)': 'DAY',
  'HOUR (UTC)': 'HOUR',
  'TIME (UTC)': 'TIME',
};

function tableLines(io: CommandIo, { columns, rows }: Table): readonly string[] {
  return io.out.table(
    columns.map(({ name }) => SHORT[name] ?? name),
    rows,
  );
}
