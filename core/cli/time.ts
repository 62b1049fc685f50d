import type { CommandIo } from './command-io.ts';
import { shortDuration, signedDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { showExactly } from './moment.ts';
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
    `Last answer  ${time.offlineAge === null ? 'never' : `${shortDuration(time.offlineAge)} ago`}; leases stop after ${shortDuration(time.maxOffline)} without one${time.graceEnd == null ? '' : `, on ${exact(time.graceEnd)}`}`,
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
