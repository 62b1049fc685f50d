import type { PrincipalId } from '../units.ts';
import type { UsageLog, UsageSpan } from './usage.ts';

const HOUR = 3600;

/** How many whole hours of a span there are, and for how many of them records of each host are known. */
export interface UsageCoverage {
  readonly hours: number;
  readonly byHost: ReadonlyMap<PrincipalId, number>;
  /** The part of all hours of all hosts, from 0 to 1; 1 where there are none. */
  readonly share: number;
}

/** How much of a span the records of these hosts cover: what is not covered is unknown, not unused. */
export function coverageOf(
  { covered }: UsageLog,
  hosts: readonly PrincipalId[],
  { since, until }: UsageSpan,
): UsageCoverage {
  const first = Math.ceil(since / HOUR) * HOUR;
  const end = Math.floor(until / HOUR) * HOUR;
  const hours = Math.max(0, (end - first) / HOUR);
  const byHost = new Map(
    hosts.map((host) => {
      const known = covered.get(host) ?? [];
      return [host, known.filter((hour) => hour >= first && hour < end).length] as const;
    }),
  );
  const all = hours * hosts.length;
  const sum = [...byHost.values()].reduce((total, count) => total + count, 0);
  return { hours, byHost, share: all === 0 ? 1 : sum / all };
}
