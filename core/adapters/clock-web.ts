import type { Clock, Random } from '../ports.ts';
import { seconds, toHex } from '../units.ts';

/** What a page can be asked. */
interface PageClocks {
  /** Milliseconds since the page was loaded; in some browsers it stands still while the machine sleeps. */
  timer(): number;
  /** Milliseconds since 1970 by the wall clock. */
  wall(): number;
}

/** Seconds by which the two clocks may part before the machine is taken to have slept. */
const MAX_APART = 2;

/** The clock of a page. A browser has no boot id, so a page is a boot of its own, and so is each stretch between two sleeps. */
export function webClock(clocks: PageClocks, random: Random): Clock {
  const page = toHex(random.bytes(16));
  let stretch = 0;
  let begun = clocks.timer();
  let apart = clocks.wall() - clocks.timer();
  let highest = 0;

  // The wall clock is no evidence here either: whoever moves it loses upper bounds, and gains nothing.
  function look(): void {
    const now = clocks.wall() - clocks.timer();
    if (Math.abs(now - apart) <= MAX_APART * 1000) return;
    apart = now;
    begun = clocks.timer();
    highest = 0;
    stretch += 1;
  }

  return {
    running() {
      look();
      highest = Math.max(highest, (clocks.timer() - begun) / 1000);
      return seconds(highest);
    },
    boot() {
      look();
      return `${page}-${stretch}`;
    },
    wall: () => seconds(clocks.wall() / 1000),
  };
}
