import type { PrincipalId, Seconds } from '../../units.ts';
import { bucketAt, bucketCount, bucketSpan, HOUR } from './buckets.ts';
import type { Span } from './in-use.ts';

/** Of how many hosts there are records, hour by hour. */
export interface Coverage {
  readonly span: Span;
  /** Hosts that have a record of each hour, and hosts that should have one. */
  readonly reported: Uint32Array;
  readonly expected: Uint32Array;
  /** Host-hours of which there are records, and of which there should be. */
  readonly hours: { readonly reported: number; readonly expected: number };
  /** Hosts of which there is no record at all, by id: nothing is said of them. */
  readonly silent: readonly PrincipalId[];
}

/** What is known of one stretch: `none` is unknown, which is not the same as unused. */
export type Known = 'all' | 'some' | 'none';

/**
 * Which hours the records cover. A host is expected from its first record on: until the end of the span if it is a member, else
 * until its last record.
 */
export function coverageByHour(
  covered: ReadonlyMap<PrincipalId, readonly Seconds[]>,
  members: ReadonlySet<PrincipalId>,
  span: Span,
): Coverage {
  const count = bucketCount(span, HOUR);
  const grid = { size: HOUR, span };
  const reported = new Uint32Array(count);
  const expected = new Uint32Array(count);
  for (const [host, hours] of covered) {
    const seen = new Uint8Array(count);
    let first = count;
    let last = -1;
    for (const hour of hours) {
      const index = bucketAt(grid, hour);
      if (index >= 0 && index < count) seen[index] = 1;
      first = Math.min(first, index);
      last = Math.max(last, index);
    }
    const end = members.has(host) ? count : Math.min(count, last + 1);
    for (let index = Math.max(0, first); index < end; index++) {
      expected[index] = (expected[index] ?? 0) + 1;
      reported[index] = (reported[index] ?? 0) + (seen[index] ?? 0);
    }
  }
  // Of an hour that the span cuts there may be no record yet, since hosts sign whole hours.
  const isWhole = (index: number) => {
    const { from, until } = bucketSpan(grid, index);
    return until - from === HOUR;
  };
  const sum = (all: Uint32Array) => all.reduce((total, one, i) => total + (isWhole(i) ? one : 0), 0);
  return {
    ...{ span, reported, expected },
    hours: { reported: sum(reported), expected: sum(expected) },
    silent: [...members].filter((host) => (covered.get(host)?.length ?? 0) === 0).sort(),
  };
}

/** What is known of the hours that a stretch touches. */
export function knownIn({ expected, reported, span }: Coverage, { from, until }: Span): Known {
  const grid = { size: HOUR, span };
  let none = true;
  let all = true;
  for (let index = bucketAt(grid, from); index < reported.length; index++) {
    if (index > bucketAt(grid, from) && bucketSpan(grid, index).from >= until) break;
    const have = reported[index] ?? 0;
    if (have > 0) none = false;
    if (have === 0 || have < (expected[index] ?? 0)) all = false;
  }
  return none ? 'none' : all ? 'all' : 'some';
}

/** Stretches of the span of which nothing is known, the earliest first. */
export function gapsOf({ reported, span }: Coverage): readonly Span[] {
  const grid = { size: HOUR, span };
  const gaps: Span[] = [];
  reported.forEach((have, index) => {
    if (have > 0) return;
    const { from, until } = bucketSpan(grid, index);
    const before = gaps.at(-1);
    if (before?.until === from) gaps[gaps.length - 1] = { from: before.from, until };
    else gaps.push({ from, until });
  });
  return gaps;
}
