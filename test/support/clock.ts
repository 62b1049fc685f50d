import type { Clock } from '../../core/ports.ts';
import { type Seconds, seconds } from '../../core/units.ts';

/** A clock that a test sets. */
export interface TestClock extends Clock {
  /** Lets time pass: running and wall alike. */
  advance(span: number): void;
  /** Sets the wall clock, as a user can. */
  setWall(wall: number): void;
  /** Starts the machine again under another boot id; the wall clock goes on. */
  reboot(boot: string | null): void;
}

/** A clock that has been running for no time, at the wall time given. */
export function testClock(wall: number, boot: string | null = 'boot-1'): TestClock {
  const state = { running: seconds(0), boot, wall: seconds(wall) };
  return {
    running: (): Seconds => state.running,
    boot: () => state.boot,
    wall: (): Seconds => state.wall,
    advance(span) {
      state.running = seconds(state.running + span);
      state.wall = seconds(state.wall + span);
    },
    setWall(to) {
      state.wall = seconds(to);
    },
    reboot(next) {
      state.boot = next;
      state.running = seconds(0);
    },
  };
}
