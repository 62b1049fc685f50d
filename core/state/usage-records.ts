import { type LogId, type PrincipalId, seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';
import { endOfLog } from './evidence.ts';
import type { Membership } from './membership.ts';
import { ownerOf } from './quorum.ts';
import type { State } from './state.ts';
import type { UsageEntry, UsageSpan } from './usage.ts';

const HOUR = 3600;

/** A record of use with the host that signed it. */
export interface HostUsage {
  readonly host: PrincipalId;
  readonly record: Verified<'usage'>;
}

/** The place of a record in a log. */
export type RecordPlace = readonly [log: number, seq: number];

/**
 * The records of use that tell of a span, log by log in their order, those after a place if one is given and those of the log
 * `last` behind all others. What a log says after it has ended counts for nothing.
 */
export function* usageRecords(
  state: State,
  span: UsageSpan,
  { after, last }: { readonly after?: RecordPlace | undefined; readonly last?: LogId } = {},
): Generator<HostUsage> {
  const { membership } = state;
  const newest = membership.versions.at(-1);
  if (newest === undefined) return;
  const rank = (log: number) => (log === last ? Number.POSITIVE_INFINITY : log);
  const from = after === undefined ? -1 : rank(after[0]);
  const logs = [...state.usage.keys()].filter((log) => rank(log) >= from);
  for (const log of logs.sort((a, b) => rank(a) - rank(b))) {
    const host = hostOf(membership, log);
    const end = endOfLog(membership.evidence, membership.forks, newest.roster, log);
    if (host === null) continue;
    const beyond = after !== undefined && log === after[0] ? after[1] : -1;
    for (const record of state.usage.get(log) ?? []) {
      if (end !== null && record.seq >= end) break;
      if (record.seq > beyond && tellsOf(record.body, span)) yield { host, record };
    }
  }
}

/** Whether an hour of use, with the quiet ones before it, lies in a span. */
export function tellsOf(
  { hour, quiet }: { readonly hour: number; readonly quiet: number },
  { since, until }: UsageSpan,
): boolean {
  return hour + HOUR > since && hour - quiet * HOUR < until;
}

/** A record as `foldUsage` takes it. */
export function entryOfUsage({ host, record: { body, log, seq } }: HostUsage): UsageEntry {
  const { peaks: _, ...rest } = body;
  return { ...rest, host, log, seq, upTo: seconds(body.hour + HOUR) };
}

// A host that began anew under another key has the use of its old log, too.
function hostOf({ versions }: Membership, log: LogId): PrincipalId | null {
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i];
    const owner = version === undefined ? undefined : ownerOf(version.roster, log);
    if (owner !== undefined) return owner.kind === 'host' ? owner.id : null;
  }
  return null;
}
