import type { Registry } from '../../core/state/registry.ts';
import type { LogId, PrincipalId } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import type { Weather } from './network.ts';
import type { Device } from './realm.ts';

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
}

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
export const CLASSES: Registry['classes'] = {
  office: { term: 900, ahead: 1, maxOffline: 1_209_600, clock: 'none' },
  lab: { term: 2400, ahead: 1, maxOffline: 3_888_000, clock: 'rtc' },
};

/** A setting drawn by chance. */
export function drawProfile(random: SeededRandom): Profile {
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
    const hostClass = i > 0 && random.int(4) === 0 ? 'lab' : 'office';
    return { id: `h${i + 1}` as PrincipalId, log: (i + 1) as LogId, class: hostClass, roles };
  });
  if (!person) return devices;
  const roles = ['editor', 'voter'] as const;
  const own = [91, 92].map((log) => ({ id: 'ana' as PrincipalId, log: log as LogId, class: null, roles }));
  return [...devices, ...own];
}
