import type { CompiledReport } from '../agent/config-report.ts';
import type { Methods } from '../agent/protocol.ts';
import { fetchUsage } from '../agent/usage-log.ts';
import { type Preview, type PreviewDenial, previewUsage } from '../decide/preview.ts';
import { type Configuration, rosterOf } from '../state/compile.ts';
import type { UsageLog } from '../state/usage.ts';
import { coverageOf, type UsageCoverage } from '../state/usage-coverage.ts';
import { type PrincipalId, seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showMoment } from './moment.ts';
import { Denied, Refusal } from './refusal.ts';

const DAY = 86_400;

/** `config preview`: who would have been denied if the draft had been in force for the last days, when, and why. */
export async function previewConfig(io: CommandIo, { days }: { readonly days: number }): Promise<ExitCode> {
  const agent = await io.agent();
  const compiled = await agent.request('compiled', {});
  if (!compiled.ok) {
    for (const { path, text } of compiled.problems) io.out.warn(`${path}: ${text}`);
    throw new Refusal('INVALID_REGISTRY', `the draft has ${counted(compiled.problems.length, 'problem')}`);
  }
  const { lower } = await agent.request('time', {});
  if (lower === null) throw new Denied('time-unknown', 'no relay has ever signed the time for this host');
  const span = { since: lower - days * DAY, until: lower };
  const usage = await fetchUsage(agent, span);
  const timeouts = timeoutsIn((await agent.request('draft', {})).changes);
  const configuration = configurationOf(compiled);
  const [since, later] = [seconds(span.since), seconds(days * DAY)];
  const preview = previewUsage({ configuration, usage, since, later });
  const hosts = [...configuration.roster.members.values()].filter(({ kind }) => kind === 'host');
  const coverage = coverageOf(
    usage,
    hosts.map(({ id }) => id),
    span,
  );
  const { byHost, hours, share } = coverage;
  const known = { hours, share, hosts: Object.fromEntries(byHost), lost: usage.lost };
  io.out.show('Preview', { base: compiled.base, days, ...span, ...preview, timeouts, coverage: known }, () =>
    linesOf(io, { base: compiled.base, days, preview, timeouts, coverage, usage }),
  );
  return EXIT.success;
}

function configurationOf(compiled: CompiledReport & { readonly ok: true }): Configuration {
  const { lots, parent, realm, registry, version } = compiled;
  const byHost = (of: Readonly<Record<string, number>>) =>
    new Map(Object.entries(of)) as Map<PrincipalId, number>;
  return {
    ...{ realm, version, parent, registry, roster: rosterOf(registry) },
    lots: new Map(Object.entries(lots).map(([feature, of]) => [feature, byHost(of)])),
  };
}

/** A timeout that the draft changes; null for none. */
interface TimeoutChange {
  readonly feature: string;
  readonly before: number | null;
  readonly after: number | null;
}

const TIMEOUT = /^features\.(.+)\.timeout$/;

function timeoutsIn(changes: Methods['draft']['result']['changes']): readonly TimeoutChange[] {
  return changes.flatMap(({ after = null, before = null, path }) => {
    const feature = TIMEOUT.exec(path)?.[1];
    // A feature may be called something.timeout, and an import may have marked one: those are no figures.
    if (feature === undefined || !isFigure(before) || !isFigure(after)) return [];
    return [{ feature, before, after }];
  });
}

function isFigure(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

interface Shown {
  readonly base: number;
  readonly days: number;
  readonly preview: Preview;
  readonly timeouts: readonly TimeoutChange[];
  readonly coverage: UsageCoverage;
  readonly usage: UsageLog;
}

function linesOf(
  io: CommandIo,
  { base, coverage, days, preview, timeouts, usage }: Shown,
): readonly string[] {
  const { denials, granted, refused, relieved } = preview;
  const sum = (of: (denial: PreviewDenial) => number) => denials.reduce((all, denial) => all + of(denial), 0);
  const eased = relieved.reduce((all, { times }) => all + times, 0);
  const asked = `${counted(granted, 'checkout')} granted and ${refused} refused in the last ${counted(days, 'day')}`;
  return [
    `Draft on v${base}, as if ${asked} came again:`,
    `  ${sum((denial) => denial.granted)} of those granted would be denied, ${eased} of those refused would be granted`,
    ...denials.flatMap((denial) => denialLines(io, denial)),
    ...relieved.map(({ feature, times, user }) =>
      io.out.line(
        `${io.out.tone('+', 'green')} ${feature} ${user}: granted ${timesOf(times)} instead of refused`,
      ),
    ),
    'Seats are counted over the whole realm, since they float; hosts that are cut off have only their own.',
    `Periods are looked at ${counted(days, 'day')} later, as if the same use came again from now on.`,
    ...timeoutLines(io, timeouts),
    ...coverageLines(coverage, usage),
  ];
}

function timeoutLines(io: CommandIo, timeouts: readonly TimeoutChange[]): readonly string[] {
  if (timeouts.length === 0) return [];
  const words = timeouts.map(
    ({ after, before, feature }) => `${feature} (${before ?? 'none'} → ${after ?? 'none'})`,
  );
  return [
    io.out.line(
      `Timeouts are not replayed, since no record says for how long a tool was silent; the draft changes those of ${words.join(', ')}.`,
    ),
  ];
}

function denialLines(io: CommandIo, denial: PreviewDenial): readonly string[] {
  const { detail, feature, first, granted, holders, hosts, last, reason, refused, user } = denial;
  const at = (instant: number) => showMoment(instant, io.calendar);
  const when = first === last ? `at ${at(first)}` : `from ${at(first)} to ${at(last)}`;
  const before = refused === 0 ? '' : `, ${refused} of them refused then, too`;
  const who = `${feature} ${user} on ${hosts.join(', ')}`;
  return [
    io.out.line(
      `${io.out.tone('✗', 'red')} ${who}: ${reason}, ${timesOf(granted + refused)}${before}, ${when}`,
    ),
    ...(holders.length > 0
      ? [io.out.line(`    seats were with ${holders.map(holderWords).join(', ')}`)]
      : [io.out.line(`    ${detail}`)]),
  ];
}

function holderWords({ host, times, user }: PreviewDenial['holders'][number]): string {
  return `${user} on ${host} (${timesOf(times)})`;
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function coverageLines({ byHost, hours, share }: UsageCoverage, usage: UsageLog): readonly string[] {
  const gaps = [...byHost].filter(([, known]) => known < hours);
  const hosts = counted(byHost.size, 'host');
  return [
    `Records cover ${Math.floor(100 * share)} % of the time of ${hosts}; what they do not cover is unknown.`,
    ...gaps.map(([host, known]) => `  ${host}: ${known} of ${counted(hours, 'hour')}`),
    ...(usage.lost > 0 ? [`  ${counted(usage.lost, 'event')} did not fit into records`] : []),
  ];
}
