import type { Registry } from '../../core/state/registry.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import type { Weather } from './network.ts';
import type { Device } from './realm.ts';
import { FEATURES } from './registries.ts';

/** How a run is set up: drawn from the seed, or given in part by a test. */
export interface Profile {
  readonly hosts: number;
  readonly voters: number;
  readonly issuers: number;
  /** Issuers that must sign. */
  readonly threshold: number;
  /** Whether a person with two devices votes too. */
  readonly person: boolean;
  readonly relays: number;
  /** True seconds of the stormy part. */
  readonly length: number;
  /** Mean seconds between two happenings. */
  readonly pace: number;
  /** Mean seconds between two checkouts. */
  readonly demand: number;
  readonly weather: Weather;
  /** The longest that a disk takes for a batch. */
  readonly slowDisk: number;
  /** Share of happenings by kind; they need not sum to anything. */
  readonly chances: Readonly<Record<Happening, number>>;
  /** Share of processes that begin without a connection. */
  readonly offline: number;
  /** Operations that a process lives for, at most, once it is made to end by itself. */
  readonly fuse: number;
  readonly classes: Registry['classes'];
  /** The class of the host with this number. */
  classFor(number: number, random: SeededRandom): string;
  readonly tempo: Tempo;
  /** One tool in so many says when it is in use; 0 for none. */
  readonly speaks: number;
  /** Whether a vendor grants the seats, and allows some features more of them than there are. */
  readonly overdraws: boolean;
  /** Features that tools ask for, those wanted more more often. */
  readonly wanted: readonly string[];
}

/** What is drawn with all else of a run; whether it overdraws is drawn apart, and leaves the other runs as they were. */
export type DrawnProfile = Omit<Profile, 'overdraws'>;

/** The least and the most seconds of something. */
export type Range = readonly [least: number, most: number];

/** How fast things go on. */
export interface Tempo {
  /** Between two ticks of a third of the hosts. */
  readonly ticks: Range;
  /** Between two times at which hosts and relay compare what they have, and a third of the hosts ask for the time. */
  readonly syncs: Range;
  readonly presence: Range;
  /** Between two looks of the administrators at what waits for their signature. */
  readonly routine: Range;
  /** For which a tool holds a seat, on average. */
  readonly hold: number;
  /** After which a tool that waits for a seat gives up, on average. */
  readonly waits: number;
  /** Until a process that has ended is started again. */
  readonly restart: Range;
  readonly parted: Range;
  /** For which seats are borrowed, and for which they are given away: one of two limits. */
  readonly borrow: number;
  readonly gift: Range;
  /** For which everything stands still, at most. */
  readonly still: number;
  /** By which a wall clock is turned at once, at most. */
  readonly turn: number;
  /** By which a wall clock is wrong from the start, at most; null where it may be a second or a day. */
  readonly skew: number | null;
  /** For which what is carried by hand is on its way, at most. */
  readonly onFoot: number;
  /** The instant at which the short one of two periods ends. */
  readonly periodEnd: (hour: string) => string;
  /** Whether hosts are asked to look at the clock around the ends of terms only, and hear at once what is said. */
  readonly byTerms: boolean;
}

/** Minutes of a realm whose terms are minutes. */
const MINUTES: Tempo = {
  ...{ ticks: [10, 20], syncs: [60, 120], presence: [8, 16], routine: [20, 60], hold: 300, waits: Infinity },
  ...{ restart: [1, 121], parted: [60, 660], borrow: 3000, gift: [300, 3000], still: 1200 },
  ...{ turn: 100_000, skew: null, onFoot: 0, byTerms: false },
  periodEnd: (hour) => `2030-03-18T${hour}:30Z`,
};

/** What may happen. */
export type Happening =
  | 'edit'
  | 'clash'
  | 'publish'
  | 'rivals'
  | 'invite'
  | 'join'
  | 'remove'
  | 'crash'
  | 'fuse'
  | 'reboot'
  | 'restore'
  | 'backup'
  | 'turn-clock'
  | 'suspend'
  | 'cut'
  | 'partition'
  | 'revoke'
  | 'fork'
  | 'carry'
  | 'give'
  | 'surrender'
  | 'hostile'
  | 'honest';

/** True time at which runs begin, 17 March 2030. */
export const START = 1_900_000_000;

/** Lengths of terms are short, so that a run sees several. */
const CLASSES: Registry['classes'] = {
  office: { term: 900, ahead: 1, maxOffline: 1_209_600, clock: 'none' },
  lab: { term: 2400, ahead: 1, maxOffline: 3_888_000, clock: 'rtc' },
};

/** A setting drawn by chance. */
export function drawProfile(random: SeededRandom): DrawnProfile {
  const hosts = 3 + Math.min(random.int(7), random.int(7));
  const issuers = 1 + random.int(2);
  const rough = random.next();
  return {
    hosts,
    voters: Math.min(hosts, random.pick([1, 2, 3, 3, 3, 4, 5])),
    issuers,
    threshold: 1 + random.int(issuers),
    person: random.int(4) === 0,
    relays: random.pick([1, 1, 3]),
    length: 600 + random.int(1200),
    pace: 20 + random.int(40),
    demand: random.pick([6, 10, 30]),
    weather: {
      slowest: random.pick([0.05, 1, 20]),
      lost: random.pick([0, 0.02, 0.2]) * rough,
      doubled: random.pick([0, 0.1]) * rough,
    },
    slowDisk: random.pick([0.01, 0.5, 4]),
    offline: random.pick([0, 0.25]),
    fuse: 40,
    classes: CLASSES,
    classFor: (number, chance) => (number > 1 && chance.int(4) === 0 ? 'lab' : 'office'),
    tempo: MINUTES,
    speaks: 4,
    wanted: FEATURES,
    chances: {
      edit: 3,
      clash: 0.5,
      publish: 4,
      rivals: random.int(3),
      invite: 1,
      join: 2,
      remove: 1,
      crash: 2 * rough,
      fuse: 6 * rough,
      reboot: rough,
      restore: random.int(3) === 0 ? 6 : 0,
      backup: 6,
      'turn-clock': 1,
      suspend: random.int(3),
      cut: 4 * rough,
      partition: rough,
      revoke: random.int(3) === 0 ? 1 : 0,
      fork: random.int(3) === 0 ? 3 : 0,
      carry: 2,
      give: 3,
      surrender: 2,
      hostile: random.int(3) * 2,
      honest: 2,
    },
  };
}

/** The devices that a realm begins with: hosts, some of which vote and issue, and perhaps a person with two. */
export function drawDevices(profile: Profile, random: SeededRandom): readonly Device[] {
  const { hosts, issuers, person, voters } = profile;
  const devices = Array.from({ length: hosts }, (_, i): Device => {
    const roles: Device['roles'] = [
      ...(i < issuers ? (['editor', 'issuer'] as const) : []),
      ...(i < voters ? (['voter'] as const) : []),
    ];
    const hostClass = profile.classFor(i + 1, random);
    return { id: `h${i + 1}` as PrincipalId, log: (i + 1) as LogId, class: hostClass, roles };
  });
  if (!person) return devices;
  const roles = ['editor', 'voter'] as const;
  const own = [91, 92].map((log) => ({ id: 'ana' as PrincipalId, log: log as LogId, class: null, roles }));
  return [...devices, ...own];
}
