import type { UsageDenial, UsageLog, UsageSession } from '../../core/state/usage.ts';
import { type PrincipalId, type Seconds, seconds } from '../../core/units.ts';
import { type SeededRandom, seededRandom } from './random.ts';

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** A session in short: feature, user and host, from and until. */
export function session(
  feature: string,
  user: string,
  host: string,
  from: number,
  until: number,
): UsageSession {
  return { feature, user, host: host as PrincipalId, from: seconds(from), until: seconds(until) };
}

/** A denial in short. */
export function denial(
  feature: string,
  user: string,
  host: string,
  at: number,
  reason = 'no-seat',
): UsageDenial {
  return { feature, user, host: host as PrincipalId, at: seconds(at), reason };
}

/** Whole hours of a host that has a record of each. */
export function hoursOf(host: string, from: number, until: number): [PrincipalId, Seconds[]] {
  const hours: Seconds[] = [];
  for (let hour = Math.floor(from / HOUR) * HOUR; hour < until; hour += HOUR) hours.push(seconds(hour));
  return [host as PrincipalId, hours];
}

/** A log of use; everything that is not given is empty. */
export function usageLog(given: Partial<UsageLog>): UsageLog {
  return { sessions: [], denials: [], covered: new Map(), lost: 0, ...given };
}

/** What a made-up lab is like. */
interface LabOptions {
  readonly from: number;
  readonly days: number;
  readonly features: readonly { readonly id: string; readonly seats: number }[];
  readonly hosts: number;
  readonly users: number;
  /** Requests for each feature and working day. */
  readonly requests: number;
  readonly seed?: number;
}

/** A lab at work: requests come between seven and nineteen, fewer at weekends, and are refused while no seat is free. */
export function workingLab({ days, features, from, hosts, requests, seed = 7, users }: LabOptions): UsageLog {
  const chance = seededRandom(seed);
  const sessions: UsageSession[] = [];
  const denials: UsageDenial[] = [];
  for (const { id, seats } of features) {
    const asked = Array.from({ length: days }, (_, day) => arrivals(chance, from, day, requests)).flat();
    const ends: number[] = [];
    for (const at of asked.sort((a, b) => a - b)) {
      const user = `user-${chance.int(users)}`;
      const host = `ws-${String(chance.int(hosts) + 1).padStart(2, '0')}`;
      const free = ends.findIndex((end) => end <= at);
      if (free < 0 && ends.length >= seats) {
        denials.push(denial(id, user, host, at, chance.int(8) === 0 ? 'limit-reached' : 'no-seat'));
        continue;
      }
      const until = at + Math.floor(300 + chance.next() ** 2 * 5 * HOUR);
      if (free < 0) ends.push(until);
      else ends[free] = until;
      sessions.push(session(id, user, host, at, Math.min(until, from + days * DAY)));
    }
  }
  const names = Array.from({ length: hosts }, (_, i) => `ws-${String(i + 1).padStart(2, '0')}`);
  const covered = new Map(names.map((host) => hoursOf(host, from, from + days * DAY)));
  return usageLog({ sessions, denials, covered });
}

function arrivals(chance: SeededRandom, from: number, day: number, requests: number): number[] {
  const begin = from + day * DAY;
  const weekday = (Math.floor(begin / DAY) + 3) % 7;
  const count = weekday >= 5 ? requests / 8 : requests * (0.7 + 0.6 * chance.next());
  return Array.from({ length: Math.round(count) }, () => {
    const hour = 7 + 6 * (chance.next() + chance.next());
    return Math.floor(begin + hour * HOUR);
  });
}
