import type { RolloutCause, RolloutHost, RolloutReport } from '../agent/rollout-report.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { shortDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Refusal } from './refusal.ts';
import { seatEndWords, seatWords } from './restriction-words.ts';
import type { Goal } from './rollout-goal.ts';

/** What `rollout wait` is told. */
export interface RolloutOptions {
  readonly for: Goal;
}

/** `rollout status`: where a version stands, host by host. */
export async function rolloutStatus(
  io: CommandIo,
  which: { readonly version: number | null },
): Promise<ExitCode> {
  const report = await rolloutOf(io, which.version);
  io.out.show('Rollout', report, () => [
    headline(report),
    ...io.out.table(
      ['HOST', 'STATE', 'VOTER', 'ACKED', 'APPLIED', 'LEASES', 'SEEN'],
      report.hosts.map((host) => [
        host.id,
        host.restriction?.kind ?? host.state,
        host.voter ? 'yes' : 'no',
        host.acked ? 'yes' : 'no',
        host.appliedVersion === null ? '-' : `v${host.appliedVersion}`,
        String(host.leases.length),
        host.lastSeen === null
          ? host.held === 0
            ? 'never'
            : '-'
          : `${shortDuration(io.calendar.now - host.lastSeen)} ago`,
      ]),
    ),
    ...report.hosts.flatMap((host) => seatLines(io, host)),
    ...report.why.map((line) => io.out.line(`${io.out.json ? '' : '! '}${line}`)),
  ]);
  return EXIT.success;
}

/** `rollout why`: exactly what it waits for, everywhere or on one host. */
export async function rolloutWhy(
  io: CommandIo,
  options: { readonly version: number | null; readonly host: string | null },
): Promise<ExitCode> {
  const report = await rolloutOf(io, options.version);
  const host = options.host === null ? null : hostOf(report, options.host);
  const causes = report.causes.filter((cause) => host === null || concerns(cause, host));
  const reasons = causes.map(({ text }) => text);
  const { candidate, version } = report;
  io.out.show('RolloutReasons', { version, candidate, host: host?.id ?? null, reasons, causes }, () => {
    if (reasons.length > 0) return reasons;
    const where = host === null ? '' : ` on ${host.id}, where it is ${host.state}`;
    return [`v${version} waits for nothing${where}`];
  });
  return EXIT.success;
}

/** `reread`, a word of other licence managers: configurations arrive by themselves, so it shows where they stand. */
export async function reread(io: CommandIo): Promise<ExitCode> {
  io.out.note('Nothing has to be read again: hosts get published versions and apply them by themselves');
  io.out.note('To change one: leasehold registry set …, then leasehold config publish');
  return rolloutStatus(io, { version: null });
}

/** The rollout of a version, the newest for null. Ends the command where there is none. */
export async function rolloutOf(io: CommandIo, version: number | null): Promise<RolloutReport> {
  const agent = await io.agent();
  const report = await agent.request('rollout', { version });
  if (report !== null) return report;
  const what = version === null ? 'no version has been proposed yet' : `there is no v${version}`;
  throw new Refusal('NOT_FOUND', what, 'leasehold config log shows the versions');
}

/** A version and how far it is, in one line. */
export function headline(report: RolloutReport): string {
  const state =
    report.refused === null
      ? report.certified
        ? 'certified'
        : 'waiting for the quorum'
      : `refused: ${report.refused}`;
  const numbers = `${counted(report.acks, 'ack')} of ${report.quorum}, ${counted(report.signatures, 'signature')} of ${report.needed}`;
  return `v${report.version} ${state} (${numbers})${report.message === '' ? '' : `: ${report.message}`}`;
}

/** When the seats of a host come back that is shut out and may know nothing of it; none are opened to one that the version leaves out. */
function seatLines({ calendar, out }: CommandIo, { id, restriction, state }: RolloutHost): readonly string[] {
  if (restriction === null) return [];
  const shut = { ...restriction, id };
  const words = state === 'superseded' ? seatEndWords(shut, calendar) : seatWords(shut, calendar);
  return words === null ? [] : [`${out.tone('!', 'yellow')} ${words}`];
}

function hostOf(report: RolloutReport, id: string): RolloutHost {
  const host = report.hosts.find((one) => one.id === id || one.name === id);
  if (host === undefined) throw new Refusal('NOT_FOUND', `there is no host ${id} in v${report.version}`);
  return host;
}

function concerns(cause: RolloutCause, { id, state }: RolloutHost): boolean {
  switch (cause.kind) {
    case 'signatures':
      return cause.missing.includes(id);
    case 'refused':
      return state === 'refused';
    case 'acks':
      return false;
    case 'unreached':
      return true;
    case 'no-quorum':
      return cause.lost.includes(id);
    case 'silent-voter':
    case 'lost-ack':
    case 'shut-out':
    case 'rekeyed':
    case 'dispensable':
      return cause.voter === id;
    case 'lease':
    case 'not-applied':
      return cause.host === id;
  }
}
