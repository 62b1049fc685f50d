import { type LogId, type PrincipalId, type Seconds, seconds } from '../units.ts';
import type { Body } from '../wire/bodies.ts';

/** A seat in use by one user on one host, in signed time: from the grant until the end, or until the log ends that is still open. */
export interface UsageSession {
  readonly host: PrincipalId;
  readonly feature: string;
  readonly user: string;
  readonly from: Seconds;
  readonly until: Seconds;
  /** Whether the seat was taken back, since its tool was not in use. */
  readonly idle?: true;
}

/** A checkout that was refused. */
export interface UsageDenial {
  readonly host: PrincipalId;
  readonly feature: string;
  readonly user: string;
  readonly at: Seconds;
  readonly reason: string;
}

/** What hosts have signed of their use, in order of time. */
export interface UsageLog {
  readonly sessions: readonly UsageSession[];
  readonly denials: readonly UsageDenial[];
  /** Whole hours, by their beginnings, for which a host has a record: what is not covered is unknown, not unused. */
  readonly covered: ReadonlyMap<PrincipalId, readonly Seconds[]>;
  /** Events that did not fit into records. */
  readonly lost: number;
}

/** What one host says of one hour, and its place in the host's log: `upTo` is until when it speaks, the end of the hour unless it is the present one. */
export interface UsageEntry extends Omit<Body<'usage'>, 'peaks'> {
  readonly host: PrincipalId;
  readonly log: LogId;
  readonly seq: number;
  readonly upTo: Seconds;
}

/** Instants from `since` until before `until`. */
export interface UsageSpan {
  readonly since: number;
  readonly until: number;
}

const HOUR = 3600;
const ALWAYS: UsageSpan = { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/**
 * The use that entries tell of, as far as it touches a span; sessions are whole, also where they began before it. Sessions
 * that span hours are joined. Neither the order in which entries come nor how often makes a difference.
 */
export function foldUsage(entries: Iterable<UsageEntry>, span: UsageSpan = ALWAYS): UsageLog {
  const sessions: UsageSession[] = [];
  const denials: UsageDenial[] = [];
  const hours = new Map<PrincipalId, Set<number>>();
  let lost = 0;
  for (const ofLog of byLog(entries).values()) {
    foldSessions(ofLog, sessions);
    for (const entry of ofLog) {
      foldDenials(entry, denials);
      coverHours(entry, span, hours);
      lost += entry.lost;
    }
  }
  const covered = [...hours].map(([host, of]) => [host, Float64Array.from(of).sort()] as const);
  return {
    sessions: sessions.filter(({ from, until }) => from < span.until && until >= span.since).sort(earlier),
    denials: denials.filter(({ at }) => at >= span.since && at < span.until).sort(earlier),
    covered: new Map(covered.map(([host, of]) => [host, [...of].map(seconds)])),
    lost,
  };
}

/** Each log's entries in the order in which its host signed them, each once. */
function byLog(entries: Iterable<UsageEntry>): ReadonlyMap<LogId, readonly UsageEntry[]> {
  const logs = new Map<LogId, Map<number, UsageEntry>>();
  for (const entry of entries) {
    // Hours that are none would overlap others.
    if (entry.hour % HOUR !== 0) continue;
    const ofLog = logs.get(entry.log) ?? new Map<number, UsageEntry>();
    logs.set(entry.log, ofLog.set(entry.seq, entry));
  }
  return new Map([...logs].map(([log, ofLog]) => [log, [...ofLog.values()].sort((a, b) => a.seq - b.seq)]));
}

interface OpenUse extends UsageSession {
  readonly count: number;
}

// A session is told of in each hour that it is open, with the same beginning: its end is in the last of them, or unknown.
function foldSessions(entries: readonly UsageEntry[], out: UsageSession[]): void {
  const open = new Map<string, OpenUse>();
  const close = ({ count, ...session }: OpenUse, left: number) => {
    for (let i = left; i < count; i++) out.push(session);
  };
  for (const { host, hour, idle, names, sessions, upTo } of entries) {
    const told = new Map<string, OpenUse>();
    const taken = new Set(idle);
    for (const [place, [f, u, begun, ended]] of sessions.entries()) {
      const [feature, user] = [names[f], names[u]];
      if (feature === undefined || user === undefined) continue;
      const from = seconds(hour + begun);
      const until = ended === null ? upTo : seconds(hour + ended);
      if (until < from) continue;
      const session = { host, feature, user, from, until };
      if (ended !== null) {
        out.push(taken.has(place) ? { ...session, idle: true } : session);
        if (open.size > 0) takeOne(open, keyOf(session));
        continue;
      }
      const key = keyOf(session);
      told.set(key, { ...session, count: (told.get(key)?.count ?? 0) + 1 });
    }
    for (const [key, use] of told) {
      const before = open.get(key);
      if (before !== undefined) close(before, use.count);
      open.set(key, use);
    }
  }
  for (const use of open.values()) close(use, 0);
}

function takeOne(open: Map<string, OpenUse>, key: string): void {
  const use = open.get(key);
  if (use === undefined) return;
  if (use.count > 1) open.set(key, { ...use, count: use.count - 1 });
  else open.delete(key);
}

function keyOf({ feature, from, user }: UsageSession): string {
  return `${from} ${feature} ${user}`;
}

function foldDenials({ denials, host, hour, names }: UsageEntry, out: UsageDenial[]): void {
  for (const [f, u, at, r] of denials) {
    const [feature, user, reason] = [names[f], names[u], names[r]];
    if (feature === undefined || user === undefined || reason === undefined) continue;
    out.push({ host, feature, user, at: seconds(hour + at), reason });
  }
}

function coverHours(entry: UsageEntry, span: UsageSpan, hours: Map<PrincipalId, Set<number>>): void {
  const { host, hour, quiet, upTo } = entry;
  const covered = hours.get(host) ?? new Set<number>();
  hours.set(host, covered);
  for (let at = hour - quiet * HOUR; at <= hour; at += HOUR) {
    const isWhole = at < hour || upTo >= hour + HOUR;
    if (isWhole && at + HOUR > span.since && at < span.until) covered.add(at);
  }
}

type Event = UsageSession | UsageDenial;

function earlier<T extends Event>(a: T, b: T): number {
  return startOf(a) - startOf(b) || compare(a.host, b.host) || compare(a.feature, b.feature) || later(a, b);
}

function later(a: Event, b: Event): number {
  return compare(a.user, b.user) || ('until' in a && 'until' in b ? a.until - b.until : 0);
}

function startOf(event: Event): number {
  return 'from' in event ? event.from : event.at;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
