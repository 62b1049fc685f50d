import type { LeaseReport } from '../agent/protocol.ts';
import type { RolloutReport } from '../agent/rollout-report.ts';
import type { CommandIo } from './command-io.ts';
import { shortDuration } from './duration.ts';
import type { AgentConnection } from './io.ts';
import { showMoment } from './moment.ts';
import { overviewOf } from './overview-reading.ts';
import { Refusal } from './refusal.ts';

/** Characters of an id that are shown; any beginning that only one lease has is understood. */
const SHOWN = 8;

/** The beginning of a long id. */
export function shortId(id: string): string {
  return id.slice(0, SHOWN);
}

/** A program and its process, as `solver (4802)`. */
export function holderOf({ tool, pid }: { readonly tool: string; readonly pid: number | null }): string {
  return pid === null ? tool : `${tool} (${pid})`;
}

/** Leases as a table: what, who holds it, since when, until when. */
export function leaseTable(io: CommandIo, leases: readonly LeaseReport[]): readonly string[] {
  const { calendar, out } = io;
  return out.table(
    ['LEASE', 'FEATURE', 'USER', 'HELD BY', 'SINCE', 'VALID UNTIL', 'STATE'],
    leases.map((lease) => [
      shortId(lease.id),
      lease.feature,
      lease.user,
      holderOf(lease.process),
      shortDuration(calendar.now - lease.since),
      showMoment(lease.end, calendar),
      stateWords(lease),
    ]),
  );
}

function stateWords({ freesIn, idle, state }: LeaseReport): string {
  if (freesIn !== null) return `${state}, ends in ${shortDuration(freesIn)}`;
  return idle === null ? state : `${state}, idle ${shortDuration(idle)}`;
}

/** The one thing that is named in full, by its beginning, or by another name that only it has. */
export function only<T>(
  all: readonly T[],
  given: string,
  noun: string,
  id: (thing: T) => string,
  otherName: (thing: T) => string | null = () => null,
): T {
  const exact = all.filter((thing) => id(thing) === given);
  const begun = all.filter((thing) => id(thing).startsWith(given));
  const found = [exact, begun, all.filter((thing) => otherName(thing) === given)].find((l) => l.length > 0);
  const [first, ...others] = found ?? [];
  if (first === undefined) throw new Refusal('NOT_FOUND', `there is no ${noun} ${given}`);
  if (others.length > 0) {
    const names = [first, ...others].map((thing) => shortId(id(thing))).join(', ');
    throw new Refusal('NOT_FOUND', `${given} may be each of ${names}`, 'give more of the id');
  }
  return first;
}

/** A lease somewhere in the realm, as far as its host has told of it. */
type LeaseElsewhere = RolloutReport['hosts'][number]['leases'][number] & { readonly host: string };

/** Leases that other hosts have told of: over presence, or because a rollout waits for them. */
export async function leasesElsewhere(agent: AgentConnection): Promise<readonly LeaseElsewhere[]> {
  const { features, hosts } = await overviewOf(agent);
  const here = hosts.find(({ heard }) => heard === 'here')?.host;
  const told = features.flatMap(({ feature, uses }) =>
    uses.flatMap(({ end, host, lease, pid, since, tool, user }) =>
      lease === null || end === null || host === here
        ? []
        : [{ host, id: lease, feature, user, tool: tool ?? '', pid, since, end }],
    ),
  );
  const report = await agent.request('rollout', { version: null });
  const awaited = (report?.hosts ?? []).flatMap(({ id: host, leases }) =>
    leases.map((lease) => ({ host, ...lease })),
  );
  return [...new Map([...awaited, ...told].map((one) => [`${one.host} ${one.id}`, one])).values()];
}
