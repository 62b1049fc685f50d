import type { RolloutHost, RolloutReport } from '../agent/rollout-report.ts';
import { type Seconds, seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { Refusal } from './refusal.ts';
import { type Look, waitUntil } from './waiting.ts';

/** How far a version is to come: certified by the voters, applied by this host, or applied by all. */
export type Goal = 'certified' | 'here' | 'applied';

/** Seconds to wait for a version where --timeout says nothing. */
const PATIENCE: Seconds = seconds(1800);

/** Waits until a version has come so far. Ends the command where it never can; throws Fault TIMED_OUT or INTERRUPTED. */
export async function reach(io: CommandIo, version: number, goal: Goal): Promise<RolloutReport> {
  const agent = await io.agent();
  const { host } = await agent.request('status', {});
  const tellOfRelay = relayTeller(io);
  return waitUntil(io, agent, io.settings.timeout ?? PATIENCE, async () => {
    const report = await agent.request('rollout', { version });
    if (report === null) throw new Refusal('NOT_FOUND', `there is no v${version}`, 'leasehold config log');
    tellOfRelay(report);
    return lookAt(report, goal, host?.id ?? null);
  });
}

/** Says once that no relay can be reached, and once that one can be again. */
export function relayTeller(io: CommandIo): (report: RolloutReport) => void {
  let told: string | null = null;
  return ({ unreached }) => {
    if ((unreached === null) === (told === null)) return;
    told = unreached;
    if (unreached === null) io.out.note('A relay can be reached again');
    else io.out.warn(unreached);
  };
}

/** Reasons that are told where a wait comes to nothing. */
const TOLD_REASONS = 3;

/** What a report says about a goal. */
export function lookAt(report: RolloutReport, goal: Goal, own: string | null): Look<RolloutReport> {
  const here = report.hosts.find(({ id }) => id === own);
  if (!report.certified && (report.refused !== null || here?.state === 'refused')) {
    throw new Refusal('REFUSED', `v${report.version} is refused: ${report.refused ?? 'by this host'}`, null);
  }
  const far = (host: Pick<RolloutHost, 'appliedVersion' | 'state'>) =>
    // Whom the version no longer names will never apply it.
    (host.appliedVersion ?? 0) >= report.version || (goal === 'applied' && host.state === 'superseded');
  const reached =
    goal === 'certified'
      ? report.certified
      : goal === 'here'
        ? here !== undefined && far(here)
        : report.hosts.length > 0 && report.hosts.every((host) => far(host) || host.restriction !== null);
  return reached ? { done: report } : { waiting: waitingFor(report) };
}

function waitingFor({ version, why }: RolloutReport): string {
  return why.slice(0, TOLD_REASONS).join('; ') || `v${version} is not there yet`;
}

/** Says that the goal is reached. */
export function showReached(io: CommandIo, report: RolloutReport, goal: Goal): void {
  const { version } = report;
  const words = {
    certified: `v${version} is certified: ${counted(report.acks, 'ack')}, ${report.quorum} needed`,
    here: `v${version} is applied here`,
    applied: everywhere(report),
  };
  io.out.piece('Rollout', report, () => [`${io.out.tone('✓', 'green')} ${words[goal]}`]);
}

/** That a version is applied by all who are not shut out, and by whom it is not. */
export function everywhere({ hosts, version }: RolloutReport): string {
  const far = hosts.filter(({ appliedVersion }) => (appliedVersion ?? 0) >= version);
  const others = hosts.filter((host) => !far.includes(host) && host.restriction !== null).map(({ id }) => id);
  const but = others.length === 0 ? '' : `; not by ${others.join(', ')}, shut out`;
  return `v${version} is applied everywhere: ${counted(far.length, 'host')}${but}`;
}
