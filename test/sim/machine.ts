import type { Clock } from '../../core/ports.ts';
import { seconds } from '../../core/units.ts';
import type { Timeline } from './timeline.ts';

/** A machine with a clock of its own. */
export interface Machine extends Clock {
  /** Starts the machine again: running time begins at 0 under another boot id. */
  reboot(): void;
  /** Sets the wall clock off by so many seconds. */
  turnWall(by: number): void;
}

/** A machine whose running clock goes at `rate` and whose wall clock is off by `skew`; without boot ids where the system has none. */
export function newMachine(
  timeline: Timeline,
  name: string,
  how: { readonly rate: number; readonly skew: number; readonly bootIds: boolean; readonly age: number },
): Machine {
  let bootAt = timeline.now() - how.age;
  let boots = 1;
  let skew = how.skew;
  return {
    running: () => seconds((timeline.now() - bootAt) * how.rate),
    boot: () => (how.bootIds ? `${name}-${boots}` : null),
    wall: () => seconds(timeline.now() + skew),
    reboot() {
      bootAt = timeline.now();
      boots += 1;
    },
    turnWall(by) {
      skew += by;
    },
  };
}
