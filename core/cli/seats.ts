import type { SeatHolder, SeatMoveReport, SeatReport } from '../agent/seat-report.ts';
import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { shortDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showMoment } from './moment.ts';
import { principalId } from './principal-words.ts';
import { Denied, Refusal } from './refusal.ts';
import { allSeats } from './seat-reading.ts';
import { type UntilOptions, untilOf } from './until.ts';

/** `seats list`: who holds what, where, since when and until when, and how old that knowledge is. */
export async function listSeats(
  io: CommandIo,
  options: { readonly feature: string | null },
): Promise<ExitCode> {
  const { feature } = options;
  const reports = feature === null ? await allSeats(await io.agent()) : [await seatsOf(io, feature)];
  io.out.list('SeatList', reports, () =>
    reports.length === 0
      ? ['No version has been applied on this host']
      : reports.flatMap((report, i) => [...(i === 0 ? [] : ['']), ...linesOf(io, report)]),
  );
  return EXIT.success;
}

/** `seats explain`: why each host has the seats that it has. */
export async function explainSeats(io: CommandIo, options: { readonly feature: string }): Promise<ExitCode> {
  const report = await seatsOf(io, options.feature);
  const { explained, feature, moves, overdraft, seats } = report;
  const beyond = overdraft === 0 ? '' : `, and ${overdraft} more in overdraft`;
  io.out.show('SeatExplanation', { feature, seats, overdraft, explained, moves }, () => [
    `${feature}: ${counted(seats, 'seat')}${beyond}`,
    ...explained.map((line) => `  ${line}`),
    ...moves.map((move) => `  ${moveLine(io, move)}`),
  ]);
  return EXIT.success;
}

/** What `seats give` is told. */
export interface GiveOptions extends UntilOptions {
  readonly to: string;
  readonly seats: number;
  readonly dryRun?: boolean;
}

/** `seats give`: moves idle seats of this host to another, for each of its terms until then. */
export async function giveSeats(
  io: CommandIo,
  options: GiveOptions & { readonly feature: string },
): Promise<ExitCode> {
  const { feature, seats, to } = options;
  const until = untilOf(options, io.now());
  const wanted = { do: 'give', to: principalId(to), feature, seats, until } as const;
  const what = `${counted(seats, 'seat')} of ${feature} to ${to}`;
  if (options.dryRun === true) {
    await foresee(io, wanted).catch(notGiven);
    io.out.show('MovePlan', { feature, seats, to, until }, () => [
      `Would give ${what} until the end of its term at ${showMoment(until, io.calendar)}`,
    ]);
    return EXIT.success;
  }
  const { records, until: back = until } = await command(io, wanted, 'moved').catch(notGiven);
  io.out.show('Move', { feature, seats, to, until: back, records }, () => [
    `${io.out.tone('✓', 'green')} Gave ${what} until ${showMoment(back, io.calendar)}`,
  ]);
  io.out.note('They are of use there as soon as that host has heard of it, over a relay or a file');
  return EXIT.success;
}

/** Nobody queues to give. */
function notGiven(error: unknown): never {
  if (!(error instanceof Denied) || error.ended.code !== 'NO_SEAT') throw error;
  throw new Denied(
    'no-seat',
    error.message,
    'leasehold seats list shows how many are idle here and to spare',
  );
}

/** `seats return`: sends idle seats that came from other hosts back. */
export async function returnSeats(
  io: CommandIo,
  options: { readonly feature: string; readonly dryRun?: boolean },
): Promise<ExitCode> {
  const { feature } = options;
  const wanted = { do: 'surrender', feature } as const;
  if (options.dryRun === true) {
    await foresee(io, wanted);
    io.out.show('MovePlan', { feature }, () => [`Would send idle seats of ${feature} back`]);
    return EXIT.success;
  }
  const { records, seats } = await command(io, wanted, 'moved');
  io.out.show('Move', { feature, seats, records }, () => [
    `${io.out.tone('✓', 'green')} Sent ${counted(seats, 'seat')} of ${feature} back`,
  ]);
  return EXIT.success;
}

async function seatsOf(io: CommandIo, feature: string): Promise<SeatReport> {
  const [report] = await allSeats(await io.agent(), feature);
  if (report !== undefined) return report;
  throw new Refusal('NOT_FOUND', `there is no feature ${feature}`, 'leasehold registry list features');
}

function linesOf(
  io: CommandIo,
  { feature, hosts, moves, name, overdraft, seats }: SeatReport,
): readonly string[] {
  const used = hosts.reduce((sum, { leases }) => sum + leases.length, 0);
  const open = moves.filter(({ state }) => state !== 'over');
  const spare = overdraft === 0 ? '' : `, overdraft: ${Math.max(0, used - seats)} of ${overdraft}`;
  const called = name === feature ? feature : `${feature} (${name})`;
  return [
    `${called}: ${used} of ${counted(seats, 'seat')} known to be in use${spare}`,
    ...hosts.flatMap((holder) => [
      `  ${holder.host}: ${counted(holder.now, 'seat')}${sourceOf(io, holder)}; ${heardOf(io, holder)}`,
      ...holder.leases.map((lease) => {
        const since = shortDuration(io.now() - lease.since);
        return `    ${lease.user} (${lease.tool}), since ${since}, until ${showMoment(lease.end, io.calendar)}`;
      }),
    ]),
    ...open.map((move) => `  ${moveLine(io, move)}`),
  ];
}

function sourceOf(io: CommandIo, holder: SeatHolder): string {
  const { came, none, went, withheld, withheldUntil } = holder;
  const from = withheldUntil === null ? 'a later term' : showMoment(withheldUntil, io.calendar);
  const parts = [
    ...(came > 0 ? [`${came} came`] : []),
    ...(went > 0 ? [`${went} went`] : []),
    ...(none === null && withheld > 0 ? [`${withheld} more from ${from} on`] : []),
    ...(none === null ? [] : [NONE[none]]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const NONE: Readonly<Record<NonNullable<SeatHolder['none']>, string>> = {
  'time-unknown': 'the time is not known here',
  'between-terms': 'its term may be over',
  'no-term': 'its term is not open yet',
  'version-behind': 'a newer version governs its term',
  'unknown-class': 'it has no class',
};

function heardOf(io: CommandIo, holder: SeatHolder): string {
  const { heard, lastSeen } = holder;
  if (heard === 'here') return `${idleOf(holder)}, this host`;
  if (heard === 'present') return `${idleOf(holder)}, present`;
  if (lastSeen === null) return 'away, never heard while this host listened';
  return `away, last heard ${shortDuration(io.now() - lastSeen)} ago`;
}

function idleOf({ free, leases, now }: SeatHolder): string {
  const idle = Math.max(0, now - leases.length);
  const spare = Math.min(idle, free ?? 0);
  return spare === idle ? `${idle} idle` : `${idle} idle, ${spare === 0 ? 'none' : spare} to spare`;
}

function moveLine(io: CommandIo, { from, seats, state, to, until }: SeatMoveReport): string {
  const end = until === null ? 'in a term that is not open yet' : `until ${showMoment(until, io.calendar)}`;
  const how = state === 'sent' ? ', not accepted as far as is known here' : '';
  return `${counted(seats, 'seat')} from ${from} to ${to} ${end}${how}`;
}
