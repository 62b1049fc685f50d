import type { Seconds } from '../core/units.ts';

/** What one log may write in one day of the relay's clock: members too can flood. */
export interface Quota {
  readonly records: number;
  readonly bytes: number;
}

/** What a log has written on a day. */
export interface Usage {
  readonly day: number;
  readonly records: number;
  readonly bytes: number;
}

const DAY = 86_400;

/** A log's use of its quota on the day of `now`. */
export function usageOn(now: Seconds, usage: Usage | undefined): Usage {
  const day = Math.floor(now / DAY);
  return usage?.day === day ? usage : { day, records: 0, bytes: 0 };
}

/** How many of the records the quota still allows. */
export function allowedBy(quota: Quota, usage: Usage, records: readonly Uint8Array[]): number {
  const room = quota.records - usage.records;
  let bytes = usage.bytes;
  let count = 0;
  for (const record of records) {
    bytes += record.length;
    if (count >= room || bytes > quota.bytes) break;
    count += 1;
  }
  return count;
}

/** The use after writing these records too. */
export function spend(usage: Usage, records: readonly Uint8Array[]): Usage {
  const bytes = records.reduce((sum, record) => sum + record.length, usage.bytes);
  return { day: usage.day, records: usage.records + records.length, bytes };
}
