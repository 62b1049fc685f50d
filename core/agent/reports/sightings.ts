import { classOf, termAt } from '../../decide/lots.ts';
import { type Applied, hostId, type Model } from '../../engine/model.ts';
import type { Member } from '../../state/roster.ts';
import { seconds } from '../../units.ts';
import type { Verified } from '../../verify/record.ts';
import type { HostSighting, SeatInUse } from '../overview-report.ts';
import type { ReportContext } from './context.ts';

const HOUR = 3600;

type Held = HostSighting['heldLast'];
/** A seat in use, before it is known which of them are beyond those there are. */
type Use = Omit<SeatInUse, 'overdraft'>;

/** The hosts of the applied version, how old what is known of each is, and its seats in use by feature. */
export function sightings(model: Model, applied: Applied, context: ReportContext) {
  const hosts: HostSighting[] = [];
  const uses = new Map<string, Use[]>();
  const add = (feature: string, use: Use) => uses.set(feature, [...(uses.get(feature) ?? []), use]);
  const peers = context.peers();
  const members = [...applied.version.roster.members.values()].filter(({ kind }) => kind === 'host');
  for (const member of members.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const host = member.id;
    const record = lastUsage(model, member);
    const told = member.logs.map(({ log }) => peers.get(log)).find((state) => state !== undefined);
    const heard = host === hostId(model) ? 'here' : told === undefined ? 'away' : 'present';
    const heldLast = heard === 'away' && record !== null ? heldAt(record) : [];
    const seen = member.logs.flatMap(({ log }) => context.lastSeen(log) ?? []);
    hosts.push({
      ...{ host, name: member.name, heard, heldLast },
      lastSeen: heard === 'here' || seen.length === 0 ? null : Math.max(...seen),
      recordUpTo: record === null ? null : record.body.hour + HOUR,
    });
    if (heard === 'here') {
      for (const { lease } of model.leases.values()) {
        const { end, feature, id, process, since, under, user } = lease;
        if (under === undefined)
          add(feature, { host, user, tool: process.tool, pid: process.pid, lease: id, since, end });
      }
    } else if (told !== undefined) {
      for (const { end, feature, id: lease = null, pid = null, since, tool, user } of told.leases) {
        add(feature, { host, user, tool, pid, lease, since, end });
      }
    } else if (record !== null && mayStillHold(model, applied, member, record)) {
      for (const { feature, since, user } of heldLast) {
        add(feature, { host, user, tool: null, pid: null, lease: null, since, end: null });
      }
    }
  }
  return { hosts, uses };
}

/** A feature's seats in use in the order in which they were taken; those after the seats there are, are in overdraft. */
export function inOverdraft(uses: readonly Use[], seats: number, overdraft: number): readonly SeatInUse[] {
  const taken = [...uses].sort((a, b) => a.since - b.since || (a.host < b.host ? -1 : 1));
  return taken.map((use, at) => ({ ...use, overdraft: overdraft > 0 && at >= seats }));
}

function lastUsage({ state }: Model, { logs }: Member): Verified<'usage'> | null {
  const last = logs.flatMap(({ log }) => state.usage.get(log)?.at(-1) ?? []);
  return last.sort((a, b) => b.body.hour - a.body.hour)[0] ?? null;
}

function heldAt({ body: { hour, names, sessions } }: Verified<'usage'>): Held {
  return sessions.flatMap(([feature, user, begun, ended]) =>
    ended === null ? [{ feature: names[feature] ?? '', user: names[user] ?? '', since: hour + begun }] : [],
  );
}

// What it held has ended for certain with the last term that could be open by then, borrowed or not.
function mayStillHold(model: Model, applied: Applied, { id }: Member, { body }: Verified<'usage'>): boolean {
  const own = classOf(applied.version, id);
  const { lower } = model.time;
  if (own === null || lower === null) return false;
  const { ahead, term } = own.hostClass;
  return lower < termAt(own.hostClass, seconds(body.hour + HOUR)).until + ahead * term;
}
