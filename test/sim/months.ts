import type { SeededRandom } from '../support/random.ts';
import { publish } from './administration.ts';
import { type DrawnProfile, drawProfile, type Profile, type Tempo } from './profile.ts';
import { type SimOptions, type SimResult, simulate } from './run.ts';

const HOUR = 3600;
const DAY = 86_400;

/** Days that a long realm lasts. */
const DAYS = 60;

/** Classes with terms of a day, a week and two months. */
export const CLASSES_BY_DAY: Profile['classes'] = {
  office: { term: DAY, ahead: 3, maxOffline: 14 * DAY, clock: 'none' },
  laptop: { term: 7 * DAY, ahead: 2, maxOffline: 30 * DAY, clock: 'none' },
  lab: { term: 60 * DAY, ahead: 2, maxOffline: 45 * DAY, clock: 'rtc' },
};

/** Days of a realm whose terms are days. */
export const DAYWISE: Tempo = {
  ...{ ticks: [16 * HOUR, 32 * HOUR], syncs: [12 * HOUR, 36 * HOUR], presence: [12 * HOUR, 36 * HOUR] },
  ...{
    routine: [8 * HOUR, 24 * HOUR],
    hold: 5 * DAY,
    waits: DAY,
    restart: [60, 2 * DAY],
    parted: [DAY, 15 * DAY],
  },
  ...{ borrow: 10 * DAY, gift: [2 * DAY, 20 * DAY], still: 12 * HOUR, turn: 2 * HOUR, skew: 2 * HOUR },
  ...{ onFoot: 8 * DAY, byTerms: true },
  periodEnd: (hour) => `2030-05-0${1 + (Number(hour) % 9)}T${hour}:30Z`,
};

/** A realm of sixty days, with hosts whose terms are a day, a week or two months. */
function drawMonths(random: SeededRandom): DrawnProfile {
  const drawn = drawProfile(random);
  const hosts = 2 + Math.min(random.int(11), random.int(11));
  return {
    ...drawn,
    ...{ hosts, voters: Math.min(hosts, drawn.voters), issuers: 1, threshold: 1 },
    ...{ length: DAYS * DAY, pace: (12 + random.int(24)) * HOUR, demand: random.pick([3, 4, 6]) * HOUR },
    weather: { slowest: 0, lost: drawn.weather.lost / 4, doubled: drawn.weather.doubled },
    // A word every minute for days would be most of what happens.
    ...{ speaks: 0, slowDisk: 0.01, classes: CLASSES_BY_DAY, tempo: DAYWISE },
    // Where nobody is short of seats, none can be lent twice.
    wanted: ['draw', 'draw', 'draw', 'draw', 'solve', 'view'],
    classFor: (number, chance) =>
      number === 1 ? 'office' : chance.pick(['office', 'office', 'laptop', 'lab'] as const),
    chances: {
      ...drawn.chances,
      partition: 1 + 2 * random.next(),
      carry: 4,
      suspend: 0.5,
      hostile: random.int(2),
    },
  };
}

/** Runs one realm of sixty days from its seed to the end. */
export function simulateMonths(seed: number, options: SimOptions = {}): Promise<SimResult> {
  return simulate(seed, {
    draw: drawMonths,
    prepare(world) {
      // Seats are lent from the first day on.
      const [first] = world.hosts;
      world.timeline.after(HOUR, () => first !== undefined && publish(first));
    },
    ...options,
  });
}
