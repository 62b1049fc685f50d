import type { TimeReport } from '../agent/protocol.ts';
import { seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { shortDuration, signedDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showExactly } from './moment.ts';
import { Denied } from './refusal.ts';
import { clockOffset } from './status.ts';

/** `time status`: the interval in which the present lies, who says so, and the local clock; exit code 11 if nothing is known. */
export async function timeStatus(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  const time = await agent.request('time', {});
  const exact = (instant: number | null) => showExactly(instant, io.timeZone);
  const offset = clockOffset(time);
  io.out.show('Time', { ...time, offset }, () => [
    `Not before   ${exact(time.lower)}`,
    `Not after    ${exact(time.upper)}`,
    `Local clock  ${exact(time.wall)}${offset === null ? '' : `, ${offset === 0 ? 'in between' : `${signedDuration(offset)} off`}`}`,
    `Last answer  ${time.offlineAge === null ? 'never' : `${shortDuration(time.offlineAge)} ago`}${limitOf(time, exact)}`,
    ...(time.relays.length === 0
      ? ['No relay is believed']
      : io.out.table(
          ['RELAY KEY', 'LAST SAID'],
          time.relays.map(({ key, midpoint }) => [key.slice(0, 16), exact(midpoint)]),
        )),
    ...(time.conflict ? [`${io.out.tone('✗', 'red')} Relays contradict each other: at least one lies`] : []),
  ]);
  return time.lower === null || time.conflict ? EXIT.time : EXIT.success;
}

// Before a version is applied there is no class that would set a limit.
function limitOf({ graceEnd, maxOffline }: TimeReport, exact: (instant: number) => string): string {
  if (maxOffline === 0) return '';
  const end = graceEnd == null ? '' : `, on ${exact(graceEnd)}`;
  return `; leases stop after ${shortDuration(maxOffline)} without one${end}`;
}

/** `time set-clock`: sets the machine's clock to the middle of what signed time leaves; without both bounds there is none. */
export async function setClock(io: CommandIo, options: { readonly dryRun?: boolean }): Promise<ExitCode> {
  const agent = await io.agent();
  const { byWall, conflict, lower, upper, wall } = await agent.request('time', {});
  if (conflict) throw new Denied('time-unknown', 'relays contradict each other');
  // The middle between the past and a wrong clock would be wrong as well.
  if (lower === null || upper === null || byWall === true) {
    throw new Denied('time-unknown', 'no relay has answered since this machine was started');
  }
  const [instant, uncertain] = [Math.round((lower + upper) / 2), (upper - lower) / 2];
  const off = signedDuration(wall - instant);
  if (options.dryRun !== true) await io.setClock(seconds(instant));
  const done = options.dryRun !== true;
  io.out.show('ClockSetting', { instant, uncertain, offset: wall - instant, done }, () => [
    `${done ? 'Set' : 'Would set'} the clock to ${showExactly(instant, io.timeZone)}, give or take ${uncertain.toFixed(1)} s; it was ${off} off`,
  ]);
  return EXIT.success;
}
