import type { SeededRandom } from '../support/random.ts';

/** Somebody wants a seat at a host from an instant on, for so many seconds. */
export interface Wanted {
  readonly at: number;
  readonly host: number;
  readonly user: number;
  readonly span: number;
}

/** What a demand is drawn from. */
export interface DemandOptions {
  readonly hosts: number;
  readonly users: number;
  readonly seats: number;
  /** Share of the seats that would be in use, on average, if nobody were denied. */
  readonly load: number;
  /** Requests. */
  readonly requests: number;
}

/** For which a seat is wanted, on average; half of the requests are for less than two thirds of that. */
const MEAN_SPAN = 1800;
const SPREAD = 1;

/** A demand: Poisson arrivals, log-normal spans, most of it at a few hosts (the n-th wants one n-th of what the first does). */
export function drawDemand(random: SeededRandom, options: DemandOptions): readonly Wanted[] {
  const { hosts, load, requests, seats, users } = options;
  const pause = MEAN_SPAN / (load * seats);
  const weights = Array.from({ length: hosts }, (_, i) => 1 / (i + 1));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let at = 0;
  return Array.from({ length: requests }, () => {
    at += -Math.log(1 - random.next()) * pause;
    let place = random.next() * all;
    const host = weights.findIndex((weight) => {
      place -= weight;
      return place < 0;
    });
    const span = MEAN_SPAN * Math.exp(SPREAD * normal(random) - SPREAD ** 2 / 2);
    return { at, host: Math.max(0, host), user: random.int(users), span };
  });
}

// Box and Muller's transform.
function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** How many of a demand one counter denies that knows everything at once and never fails. */
export function deniedByCounter(demand: readonly Wanted[], seats: number): number {
  let denied = 0;
  let ends: number[] = [];
  for (const { at, span } of demand) {
    ends = ends.filter((end) => end > at);
    if (ends.length < seats) ends.push(at + span);
    else denied += 1;
  }
  return denied;
}
