import type { Config } from './config.ts';
import type { Counts } from './counts.ts';
import type { TimeDoor } from './time-door.ts';
import { listenForTcp } from './time-tcp.ts';
import { listenForUdp } from './time-udp.ts';

/** The ports where time is answered to anybody; null where it is not. */
export interface TimePorts {
  readonly udp: number | null;
  readonly tcp: number | null;
}

/** The listeners for signed time that the settings name. */
interface TimeFront {
  readonly ports: TimePorts;
  close(): Promise<void>;
}

/** Opens them. Throws Fault LISTEN_FAILED; what was opened is closed again. */
export async function openTimeFront(
  config: Pick<Config, 'time-udp' | 'time-tcp'>,
  door: TimeDoor,
  counts: Counts,
): Promise<TimeFront> {
  const { 'time-udp': udpAt, 'time-tcp': tcpAt } = config;
  const udp = udpAt === 'off' ? null : await listenForUdp(udpAt, door);
  try {
    const tcp = tcpAt === 'off' ? null : await listenForTcp(tcpAt, door, counts);
    return {
      ports: { udp: udp?.port ?? null, tcp: tcp?.port ?? null },
      async close() {
        await Promise.all([udp?.close(), tcp?.close()]);
      },
    };
  } catch (fault) {
    await udp?.close();
    throw fault;
  }
}
