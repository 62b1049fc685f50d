import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock } from '../ports.ts';
import { seconds } from '../units.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** What a platform can be asked; a test puts its own in their place. */
interface ClockSources {
  /** Seconds since the machine was started, by the system. */
  uptime(): number;
  /** Seconds of the high-resolution timer. */
  timer(): number;
  /** The contents of the kernel's boot id; throws where there is none. */
  bootId(): string;
  /** Milliseconds since 1970 by the wall clock. */
  wall(): number;
}

const SYSTEM: ClockSources = {
  uptime,
  timer: () => Number(process.hrtime.bigint()) / 1e9,
  bootId: () => readFileSync(BOOT_ID, 'utf8'),
  wall: Date.now,
};

/** The clock of this machine. Linux and Windows count suspend in their uptime; elsewhere the high-resolution timer does. */
export function systemClock(
  platform: NodeJS.Platform = process.platform,
  sources: ClockSources = SYSTEM,
): Clock {
  const boot = platform === 'linux' ? readBootId(sources) : null;
  // On Linux the timer stops in suspend; on macOS the uptime is computed from the wall clock and moves with it.
  const read = platform === 'linux' || platform === 'win32' ? sources.uptime : sources.timer;
  let highest = 0;
  return {
    running() {
      // Uptimes are rounded by some systems and corrected by others: what has passed has passed.
      highest = Math.max(highest, read());
      return seconds(highest);
    },
    boot: () => boot,
    wall: () => seconds(sources.wall() / 1000),
  };
}

/** Null where the kernel does not give one, as in some containers: then anchors end with the process. */
function readBootId({ bootId }: ClockSources): string | null {
  try {
    return bootId().trim() || null;
  } catch {
    return null;
  }
}
