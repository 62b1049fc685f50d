import type { Body } from '../wire/bodies.ts';
import { MAX_USAGE_DENIALS, MAX_USAGE_NAMES, MAX_USAGE_SESSIONS } from '../wire/bounds.ts';
import { MAX_FEATURES, MAX_ID } from '../wire/usage-body.ts';
import type { Lease } from './lease.ts';
import type { Model } from './model.ts';

/** Seconds of an hour. */
export const HOUR = 3600;

/** A seat that somebody used: whole seconds of signed time, `until` null while it is in use. */
export interface SeatUse {
  readonly feature: string;
  readonly user: string;
  readonly from: number;
  readonly until: number | null;
  /** Whether the seat was taken back, since its tool was not in use. */
  readonly idle?: true | undefined;
}

/** A checkout that was refused. */
export interface Refused {
  readonly feature: string;
  readonly user: string;
  readonly at: number;
  readonly reason: string;
}

/** What happened on this host in the present hour, and what of the past still waits to be written to its log. */
export interface UsageHour {
  /** The beginning of the hour; null before signed time is known. */
  hour: number | null;
  /** Hours right before it in which nothing happened, since the last record. */
  quiet: number;
  /** Sessions that ended in it. */
  readonly ended: SeatUse[];
  readonly denials: Refused[];
  readonly peaks: Map<string, number>;
  /** Events that are counted and not kept, since there were too many. */
  lost: number;
  /** Records of hours that are over, the oldest first. */
  readonly waiting: Body<'usage'>[];
  /** Those of `ended` that are not on disk yet, under which keys the others are, and whether the rest of the hour is. */
  readonly unkept: SeatUse[];
  readonly kept: string[];
  isKept: boolean;
}

/** The hour of a host that knows of none. */
export function newUsageHour(): UsageHour {
  return {
    ...{ hour: null, quiet: 0, ended: [], denials: [], peaks: new Map(), lost: 0, waiting: [] },
    ...{ unkept: [], kept: [], isKept: true },
  };
}

/** Notes how many seats of a feature are in use at once. */
export function notePeak({ leases, usage }: Model, feature: string): void {
  const now = leases.inUse.get(feature) ?? 0;
  if (now <= (usage.peaks.get(feature) ?? 0)) return;
  usage.peaks.set(feature, now);
  usage.isKept = false;
}

/** Notes that a seat is in use no longer; `idle` where it was taken back, since its tool was not in use. */
export function noteEnd({ time, usage }: Model, lease: Lease, idle = false): void {
  if (usage.ended.length >= MAX_USAGE_SESSIONS) {
    usage.lost += 1;
    usage.isKept = false;
    return;
  }
  const use = useOf(lease);
  const until = Math.max(use.from, Math.floor(time.lower ?? use.from));
  const ended = { ...use, until, ...(idle ? ({ idle } as const) : {}) };
  usage.ended.push(ended);
  usage.unkept.push(ended);
}

/** Notes that a checkout was refused. */
export function noteRefusal({ time, usage }: Model, refused: Omit<Refused, 'at'>): void {
  usage.isKept = false;
  if (time.lower === null || usage.denials.length >= MAX_USAGE_DENIALS) usage.lost += 1;
  else usage.denials.push({ ...refused, at: Math.floor(time.lower) });
}

/** Seats that are in use now. */
export function openUses({ leases }: Model): readonly SeatUse[] {
  return [...leases.values()].flatMap(({ lease }) => (lease.under === undefined ? [useOf(lease)] : []));
}

/** The hour as a record says it, with these sessions. Whatever came, it is a record that others can read. */
export function bodyOf(usage: UsageHour, hour: number, uses: readonly SeatUse[]): Body<'usage'> {
  const places = new Map<string, number>();
  const within = (at: number, least: number) => Math.min(HOUR, Math.max(least, at - hour));
  const sessions: Body<'usage'>['sessions'][number][] = [];
  const denials: Body<'usage'>['denials'][number][] = [];
  const taken: number[] = [];
  for (const { feature, from, idle, until, user } of uses) {
    const [f, u] = [placeOf(places, feature), placeOf(places, user)];
    if (f === null || u === null || sessions.length >= MAX_USAGE_SESSIONS) continue;
    if (idle) taken.push(sessions.length);
    const begun = within(from, MIN_OFFSET);
    sessions.push([f, u, begun, until === null ? null : within(until, Math.max(0, begun))]);
  }
  for (const { at, feature, reason, user } of usage.denials) {
    const [f, u, r] = [placeOf(places, feature), placeOf(places, user), placeOf(places, reason)];
    if (f !== null && u !== null && r !== null) denials.push([f, u, within(at, 0), r]);
  }
  const left = uses.length - sessions.length + usage.denials.length - denials.length;
  const peaks = new Map([...usage.peaks].slice(0, MAX_FEATURES));
  return {
    ...{ hour, quiet: usage.quiet, names: [...places.keys()], sessions, denials, peaks },
    lost: usage.lost + left,
    ...(taken.length === 0 ? {} : { idle: taken }),
  };
}

/** The earliest beginning that a record can say, from its hour. */
const MIN_OFFSET = -0xffff_ffff;

function useOf({ feature, seatSince, since, user }: Lease): SeatUse {
  return { feature, user, from: Math.floor(seatSince ?? since), until: null };
}

// The attack: a user's name that is too long for a record would keep this host from ever signing again.
function placeOf(places: Map<string, number>, name: string): number | null {
  const fitting = name.slice(0, MAX_ID);
  const known = places.get(fitting);
  if (known !== undefined) return known;
  if (places.size >= MAX_USAGE_NAMES) return null;
  places.set(fitting, places.size);
  return places.size - 1;
}
