import type { RolloutHost, RolloutReport } from '../agent/rollout-report.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showMoment } from './moment.ts';
import { headline, type RolloutOptions, rolloutOf } from './rollout.ts';
import { everywhere, lookAt, reach, relayTeller, showReached } from './rollout-goal.ts';
import { waitUntil } from './waiting.ts';

/** `rollout wait`: returns when a version has come as far as asked. */
export async function rolloutWait(
  io: CommandIo,
  options: RolloutOptions & { readonly version: number | null },
): Promise<ExitCode> {
  const { version } = await rolloutOf(io, options.version);
  io.out.note(`Waiting until v${version} is ${options.for === 'here' ? 'applied here' : options.for}`);
  showReached(io, await reach(io, version, options.for), options.for);
  return EXIT.success;
}

/** `rollout watch`: a line for each change (NDJSON with --json), until all hosts have applied it. */
export async function rolloutWatch(
  io: CommandIo,
  options: { readonly version: number | null },
): Promise<ExitCode> {
  const agent = await io.agent();
  const { version } = await rolloutOf(io, options.version);
  const tellOfRelay = relayTeller(io);
  let last: RolloutReport | null = null;
  const end = await waitUntil(io, agent, io.settings.timeout, async () => {
    const report = await rolloutOf(io, version);
    tellOfRelay(report);
    tell(io, last, report);
    last = report;
    return lookAt(report, 'applied', null);
  });
  io.out.piece('RolloutEnd', { version, hosts: end.hosts.length }, () => [
    `${io.out.tone('✓', 'green')} ${everywhere(end)}`,
  ]);
  return EXIT.success;
}

function tell(io: CommandIo, before: RolloutReport | null, after: RolloutReport): void {
  const time = showMoment(io.now(), io.calendar);
  if (before === null || headline(before) !== headline(after)) {
    const { hosts: _, why: __, ...data } = after;
    io.out.piece('RolloutProgress', data, () => [io.out.line(`${time}  ${headline(after)}`)]);
  }
  for (const host of after.hosts) {
    const known = before?.hosts.find(({ id }) => id === host.id);
    if (known !== undefined && sameState(known, host)) continue;
    io.out.piece('RolloutHost', { version: after.version, ...host }, () => [
      io.out.line(`${time}  ${host.id}: ${stateOf(host)}`),
    ]);
  }
}

function sameState(a: RolloutHost, b: RolloutHost): boolean {
  return a.state === b.state && a.acked === b.acked && a.leases.length === b.leases.length;
}

function stateOf({ leases, state }: RolloutHost): string {
  return leases.length === 0 ? state : `${state}, ${counted(leases.length, 'lease')} left`;
}
