import { type PublicKey, type Seconds, seconds } from '../units.ts';
import type { TimeToken } from '../verify/time.ts';

/** By how much a running clock may be wrong, as a share of the time elapsed (DESIGN: time). */
export const MAX_DRIFT = 1e-3;
/** How long an answer to a nonce of our own may take and still say something about now. */
export const MAX_ANSWER = seconds(15);

/** An answer to a nonce of our own; `sentAt` and `receivedAt` are running times of the boot named. */
export interface FreshWitness {
  readonly token: TimeToken;
  readonly passive?: false;
  readonly sentAt: Seconds;
  readonly receivedAt: Seconds;
  readonly boot: string | null;
}

/** A token from anywhere else, seen at running time `at`: it proves that its time is past, and no more. */
interface PassiveWitness {
  readonly token: TimeToken;
  readonly passive: true;
  readonly at: Seconds;
  readonly boot: string | null;
}

/** A token with where and when it was seen. */
export type Witness = FreshWitness | PassiveWitness;

/** What a host has to say of time: an interval, and for how long nobody outside has confirmed it. */
export interface TimeView {
  /** Now is not before this; null without evidence. */
  readonly lower: Seconds | null;
  /** Now is not after this; null where nothing says so. */
  readonly upper: Seconds | null;
  /** Present where the upper bound is the word of the wall clock alone. */
  readonly byWall?: true;
  /** Running time since the newest answer from outside; infinite if there was none. */
  readonly offlineAge: Seconds;
  /** Whether the bounds exclude each other, so that more relays lie than may. */
  readonly conflict: boolean;
}

/** What `now` reads beside the evidence: `liars` is f, `rtc` whether the class allows the wall clock as an upper bound. */
export interface TimeReading {
  readonly running: Seconds;
  readonly boot: string | null;
  readonly wall: Seconds;
  readonly liars: number;
  readonly rtc: boolean;
}

/** A token, and how long after its time it certainly is by what the machine was running since. */
interface Floor {
  readonly seen: Witness;
  readonly passed: Seconds;
}

/** What is kept for one relay: the tokens that give its bounds, never the bounds. */
interface RelayEvidence {
  /** The highest lower bound that stands without this boot: it is what a reboot cannot set back. */
  readonly floor: Floor;
  /** The one of this boot that gives the highest lower bound. */
  readonly lower: Witness | null;
  /** The answer of this boot that gives the lowest upper bound. */
  readonly upper: FreshWitness | null;
  /** The last answer, and its age when this boot's running time was 0: negative if it came later than that. */
  readonly newest: { readonly answer: FreshWitness; readonly ageAtZero: Seconds } | null;
  /** The answer that names the newest version: what a relay has once signed to be there it cannot unsay. */
  readonly ahead: FreshWitness | null;
}

/** A host's evidence of time, by relay. Immutable; `evidence` and `restore` carry it over a restart. */
export interface HostClock {
  /** The boot that anchors count in; undefined before the first reading, and after a restart without boot ids. */
  readonly boot: string | null | undefined;
  /** The highest running time seen in that boot. */
  readonly seen: Seconds;
  readonly relays: ReadonlyMap<PublicKey, RelayEvidence>;
}

/** A witness as stored; `ageAtZero` is null unless it is its relay's last answer, `passed` is 0 unless it gives the floor. */
export type StoredWitness = Witness & { readonly ageAtZero: Seconds | null; readonly passed: Seconds };

/** What is stored of a clock. Tokens are stored as bytes and verified again before `restore`. */
export interface ClockEvidence {
  readonly boot: string | null;
  readonly seen: Seconds;
  readonly witnesses: readonly StoredWitness[];
}

const NONE = seconds(0);
const NEVER = seconds(Number.POSITIVE_INFINITY);

/** A clock that knows nothing. */
export function emptyClock(): HostClock {
  return { boot: undefined, seen: seconds(0), relays: new Map() };
}

/** Takes a token of the present boot into account; the order in which tokens of one boot come does not matter. */
export function witness(clock: HostClock, seen: Witness): HostClock {
  if (seen.passive === true) return add(elapse(clock, seen.at, seen.boot), seen, true, null);
  const { token, sentAt, receivedAt, boot } = seen;
  const current = elapse(clock, receivedAt, boot);
  const took = receivedAt - sentAt;
  // Whoever holds an answer back must not be able to freeze the offline age with it.
  if (!(took >= 0 && took <= MAX_ANSWER))
    return add(current, { token, passive: true, at: receivedAt, boot }, true, null);
  return add(current, seen, true, seconds(-receivedAt));
}

/** Notes how long the machine has been running; another boot ends all anchors, and the offline age goes on from the last note. */
export function elapse(clock: HostClock, running: Seconds, boot: string | null): HostClock {
  if (clock.boot === boot) return running > clock.seen ? { ...clock, seen: running } : clock;
  // Without boot ids a running time that went on may be the same boot, and is not counted twice.
  const passed = clock.boot === undefined && boot === null && running >= clock.seen ? 0 : clock.seen;
  const relays = new Map<PublicKey, RelayEvidence>();
  for (const [relay, kept] of clock.relays) {
    const newest = kept.newest && {
      ...kept.newest,
      ageAtZero: seconds(kept.newest.ageAtZero + passed),
    };
    relays.set(relay, {
      floor: standing(kept, clock.seen),
      lower: null,
      upper: null,
      newest,
      ahead: kept.ahead,
    });
  }
  return { boot, seen: running, relays };
}

/** Drops what a relay ever said, for when it is no longer believed. */
export function forget(clock: HostClock, relay: PublicKey): HostClock {
  const relays = new Map(clock.relays);
  relays.delete(relay);
  return { ...clock, relays };
}

/** What has to be stored so that `restore` gives this clock again. */
export function evidence(clock: HostClock): ClockEvidence {
  const witnesses: StoredWitness[] = [];
  for (const kept of clock.relays.values()) {
    const { ahead, lower, upper, newest } = kept;
    const floor = standing(kept, clock.seen);
    for (const seen of new Set([floor.seen, lower, upper, newest?.answer, ahead])) {
      if (!seen) continue;
      const ageAtZero = seen === newest?.answer ? newest.ageAtZero : null;
      witnesses.push({ ...seen, ageAtZero, passed: seen === floor.seen ? floor.passed : NONE });
    }
  }
  return { boot: clock.boot ?? null, seen: clock.seen, witnesses };
}

/** The clock of stored evidence. Without boot ids this boot cannot be told from another, so nothing stays anchored. */
export function restore(stored: ClockEvidence): HostClock {
  const boot = stored.boot ?? undefined;
  let clock: HostClock = { boot, seen: stored.seen, relays: new Map() };
  for (const { ageAtZero, passed, ...seen } of stored.witnesses)
    clock = add(clock, seen, boot !== undefined && seen.boot === boot, ageAtZero, passed);
  return clock;
}

/** The interval that now lies in, if at most `liars` of the relays lie (DESIGN: time). */
export function now(clock: HostClock, reading: TimeReading): TimeView {
  const { relays, seen: running } = elapse(clock, reading.running, reading.boot);
  const lowers: number[] = [];
  const uppers: number[] = [];
  const ages: number[] = [];
  for (const { floor, lower, upper, newest } of relays.values()) {
    lowers.push(Math.max(bound(floor), lower === null ? 0 : lowerAt(lower, running)));
    if (upper !== null) uppers.push(upperAtZero(upper) + running * (1 + MAX_DRIFT));
    if (newest !== null) ages.push(newest.ageAtZero + running);
  }
  // One liar must not move a bound, nor keep a host from noticing that it is cut off.
  const lower = lowers.sort((a, b) => b - a)[reading.liars] ?? null;
  const signed = uppers.sort((a, b) => a - b)[reading.liars] ?? null;
  const age = ages.sort((a, b) => a - b)[reading.liars];
  const upper = signed ?? (reading.rtc && lower !== null ? Math.max(lower, reading.wall) : null);
  return {
    lower: lower === null ? null : seconds(lower),
    upper: upper === null ? null : seconds(upper),
    ...(signed === null && upper !== null ? { byWall: true } : {}),
    offlineAge: age === undefined ? NEVER : seconds(age),
    conflict: lower !== null && signed !== null && lower > signed,
  };
}

/** How far apart the bounds may be, in seconds, where relays may lie and something is to begin now. */
const MAX_DOUBT = 3600;

/** Whether something may be dated by the lower bound: with the answers of few relays, one that lies may have set it back by years. */
export function isCertain({ byWall, lower, upper }: TimeView, liars: number): boolean {
  if (lower === null) return false;
  return liars === 0 || (upper !== null && byWall !== true && upper - lower <= MAX_DOUBT);
}

function add(
  clock: HostClock,
  seen: Witness,
  anchored: boolean,
  ageAtZero: Seconds | null,
  passed: Seconds = NONE,
): HostClock {
  const kept = clock.relays.get(seen.token.relay);
  const fresh = seen.passive === true ? null : seen;
  const next: RelayEvidence = {
    floor: kept && bound(kept.floor) >= bound({ seen, passed }) ? kept.floor : { seen, passed },
    lower: anchored ? later(kept?.lower ?? null, seen) : (kept?.lower ?? null),
    upper: anchored && fresh ? sooner(kept?.upper ?? null, fresh) : (kept?.upper ?? null),
    newest: kept?.newest ?? null,
    ahead: fresh === null ? (kept?.ahead ?? null) : further(kept?.ahead ?? null, fresh),
  };
  if (fresh && ageAtZero !== null && !(next.newest && next.newest.ageAtZero <= ageAtZero))
    return put(clock, { ...next, newest: { answer: fresh, ageAtZero } });
  return put(clock, next);
}

/** The one of two answers that names the newer version; of the same version the later word. */
function further(a: FreshWitness | null, b: FreshWitness): FreshWitness | null {
  const [known, said] = [a?.token.head ?? null, b.token.head];
  if (said === null) return a;
  if (a === null || known === null) return b;
  const by = said.generation - known.generation || said.version - known.version;
  return by > 0 || (by === 0 && b.token.midpoint >= a.token.midpoint) ? b : a;
}

function put(clock: HostClock, kept: RelayEvidence): HostClock {
  return { ...clock, relays: new Map(clock.relays).set(kept.floor.seen.token.relay, kept) };
}

/** The floor at running time `at` of the boot that the anchors count in: what elapsed in it is not lost with it. */
function standing({ floor, lower }: RelayEvidence, at: Seconds): Floor {
  if (lower === null || lowerAt(lower, at) <= bound(floor)) return floor;
  return { seen: lower, passed: seconds(lowerAt(lower, at) - earliest(lower.token)) };
}

function bound({ seen, passed }: Floor): number {
  return earliest(seen.token) + passed;
}

function later(a: Witness | null, b: Witness): Witness {
  return a !== null && lowerAtZero(a) >= lowerAtZero(b) ? a : b;
}

function sooner(a: FreshWitness | null, b: FreshWitness): FreshWitness {
  return a !== null && upperAtZero(a) <= upperAtZero(b) ? a : b;
}

function earliest(token: TimeToken): number {
  return token.midpoint - token.radius;
}

function lowerAt(seen: Witness, running: Seconds): number {
  return lowerAtZero(seen) + running * (1 - MAX_DRIFT);
}

/** What a witness of this boot says of the running time 0 when carried back at the rate at which bounds are carried on. */
function lowerAtZero(seen: Witness): number {
  return earliest(seen.token) - (seen.passive === true ? seen.at : seen.receivedAt) * (1 - MAX_DRIFT);
}

/** The same for the upper bound: signing came after sending, so the bound counts from there. */
function upperAtZero(seen: FreshWitness): number {
  return seen.token.midpoint + seen.token.radius - seen.sentAt * (1 + MAX_DRIFT);
}
