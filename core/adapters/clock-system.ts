import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock } from '../ports.ts';
import { seconds } from '../units.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The clock of this machine. Linux and Windows count suspend in their uptime; elsewhere the high-resolution timer does. */
export function systemClock(platform: NodeJS.Platform = process.platform): Clock {
  const boot = platform === 'linux' ? readBootId() : null;
  // On Linux the timer stops in suspend; on macOS the uptime is computed from the wall clock and moves with it.
  const running = platform === 'linux' || platform === 'win32' ? uptime : timer;
  return {
    running: () => seconds(running()),
    boot: () => boot,
    wall: () => seconds(Date.now() / 1000),
  };
}

function timer(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** Null where the kernel does not give one, as in some containers: then anchors end with the process. */
function readBootId(): string | null {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
