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
  // From the loading of the page: it was open before anybody asked.
  let begun = 0;
  let looked = clocks.timer();
  let apart = clocks.wall() - clocks.timer();
  let highest = 0;

  // The wall clock is no evidence here either: whoever moves it loses upper bounds, and gains nothing.
  function look(): void {
    const timer = clocks.timer();
    const now = clocks.wall() - timer;
    if (Math.abs(now - apart) > MAX_APART * 1000) {
      apart = now;
      // What has passed since the last look still counts: else whoever moves the wall clock would never be offline for long.
      begun = looked;
      highest = 0;
      stretch += 1;
    }
    looked = timer;
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
