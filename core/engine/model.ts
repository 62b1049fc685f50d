import { classOf, type LotQuestion, type LotView, lotsNow } from '../decide/lots.ts';
import type { TimeView } from '../state/clock.ts';
import type { Configuration } from '../state/compile.ts';
import { endOfLog } from '../state/evidence.ts';
import { newestOf } from '../state/membership.ts';
import { acksOn } from '../state/proposals.ts';
import { type Ack, memberOf } from '../state/quorum.ts';
import type { Member, Roster } from '../state/roster.ts';
import { emptyState, type State } from '../state/state.ts';
import type { Version } from '../state/versions.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, type Seconds, seconds } from '../units.ts';
import type { TimeToken } from '../verify/time.ts';
import type { Waiting } from './lease.ts';
import { LeaseTable } from './lease-table.ts';
import type { Asked, Peer } from './peer.ts';
import { newUsageHour, type UsageHour } from './usage-hour.ts';

/** The configuration that a host leases by. */
export interface Applied {
  readonly version: Version;
  readonly configuration: Configuration;
  readonly bytes: Uint8Array;
  /** The newest signed time when this run applied it; absent without one, and after a restart. */
  readonly at?: number;
}

/** What hinders or threatens this host, to be shown until it passes. */
export type AlarmCode = 'fork' | 'candidate-refused' | 'identity-stale' | 'time-conflict' | 'not-a-member';

/** Everything a host knows and holds. `step` owns it and changes it in place. */
export interface Model {
  readonly self: { readonly log: LogId; readonly key: PublicKey };
  readonly state: State;
  time: TimeView;
  /** The newest signed time that is certainly past; null without one. */
  token: TimeToken | null;
  /** What each relay signed in answer to this host with the newest version that it ever named. */
  answers: readonly TimeToken[];
  /** Periods by days whose set-up is on its way to this host's log. */
  readonly settingUp: Set<string>;
  /** Seconds that the machine has been running, as of the last tick. */
  running: Seconds;
  applied: Applied | null;
  readonly leases: LeaseTable;
  readonly queue: Waiting[];
  nextTicket: number;
  /** Requests for seats that this host may answer. */
  readonly requests: Map<Hash, Asked>;
  /** Seats that others have been asked for, by wish, until which running time their answers are awaited, and how often in vain. `from` is the beginning of a later term. */
  readonly asking: Map<
    string,
    {
      readonly seats: number;
      readonly until: Seconds;
      readonly times: number;
      readonly from: Seconds | null;
    }
  >;
  /** Hosts that are present, as they say themselves. */
  peers: ReadonlyMap<LogId, Peer>;
  /** What this principal's log says that it acked: version → candidate or VOID (rule R2). */
  readonly slots: Map<number, Hash | null>;
  /** What this voter's log says that it opened: class → highest term (rule T2). */
  readonly opened: Map<string, number>;
  /** The lots of this moment; null when something they depend on has changed. */
  lots: LotView | null;
  /** The certified version that is not applied yet, by which instant leases end for it, and whether that is on disk. */
  draining: { readonly id: Hash; readonly deadline: Seconds | null; readonly kept: boolean } | null;
  /** Which version has been contested without this host's ack, and since which running time (rule R5). */
  contested: { readonly version: number; readonly since: Seconds } | null;
  /** True once this host's own log has been compared with what others hold of it; before that it writes only what somebody asks it for. */
  compared: boolean;
  /** Whether the counter kept outside the data directory agrees that this log is whole. */
  vouched: boolean;
  /** Running time at which this process began. */
  startedAt: Seconds;
  /** True once somebody showed more of this host's own log than it holds: it must not sign (rule R7). */
  stale: boolean;
  readonly alarms: Map<AlarmCode, string>;
  /** Forks that this host has proven to others: log → the first seq at which the histories differ. */
  readonly proven: Map<LogId, number>;
  readonly usage: UsageHour;
  /** Removals of the ledger that have been looked at. */
  removalsSeen: number;
  /** Leases reported in the last `holding` record, as one text. */
  heldReported: string;
  /** The name of this process, if it has to show others under its log what it signs, and when it last did. */
  readonly twin: { wanted: Uint8Array | null; shownAt: Seconds | null };
  /** What the last `heads` record said, and when. */
  readonly headsReported: Map<LogId, number>;
  headsAt: Seconds;
  headsCount: number;
  /** Commands whose record has not come back yet are answered from it; see `appended`. */
  readonly admitted: Map<number, readonly string[]>;
}

/** The model of a host that has just started, before its ledger and leases are loaded. */
export function newModel(realm: Hash, log: LogId, key: PublicKey): Model {
  return {
    self: { log, key },
    state: emptyState(realm),
    time: { lower: null, upper: null, offlineAge: seconds(Number.POSITIVE_INFINITY), conflict: false },
    token: null,
    answers: [],
    settingUp: new Set(),
    running: seconds(0),
    applied: null,
    leases: new LeaseTable(),
    queue: [],
    nextTicket: 1,
    requests: new Map(),
    asking: new Map(),
    peers: new Map(),
    slots: new Map(),
    opened: new Map(),
    lots: null,
    draining: null,
    contested: null,
    compared: false,
    vouched: false,
    startedAt: seconds(0),
    stale: false,
    alarms: new Map(),
    proven: new Map(),
    usage: newUsageHour(),
    removalsSeen: 0,
    heldReported: '',
    twin: { wanted: null, shownAt: null },
    headsReported: new Map(),
    headsAt: seconds(0),
    headsCount: 0,
    admitted: new Map(),
  };
}

/** The newest certified version; null until the genesis is known. */
export function newestVersion(model: Model): Version | null {
  return model.state.membership.versions.at(-1) ?? null;
}

/** This host's or person's own entry in a roster. */
export function selfIn(model: Model, roster: Roster): Member | null {
  return memberOf(roster, model.self.log, model.self.key) ?? null;
}

/** This principal under the newest version, or null while it is not a member or its log has not begun. */
export function self(model: Model): Member | null {
  const newest = newestVersion(model);
  // A roster can name a log before its join: nothing may come before that.
  return newest === null || !hasBegun(model) ? null : selfIn(model, newest.roster);
}

/** Whether this host's own log has its first record. */
export function hasBegun(model: Model): boolean {
  return model.state.ledger.logs.has(model.self.log);
}

/** Running time for which a host that nobody can compare its log with waits before it reports without. */
const COMPARE_WITHIN = seconds(600);

/**
 * Whether this host may write to its log without being asked: it is a member and its log has been compared with what
 * others hold of it, or has no way to be and the counter vouches for it (rule R7).
 */
export function mayReport(model: Model): boolean {
  const alone = model.vouched && model.running - model.startedAt >= COMPARE_WITHIN;
  return !model.stale && (model.compared || alone) && self(model) !== null;
}

/**
 * Whether an instant is certainly to come: who knows no upper bound of the time, as after a restart of the machine
 * without a relay, cannot tell that it has not passed.
 */
export function isAhead({ time }: Model, instant: Seconds): boolean {
  return time.upper !== null && time.upper < instant;
}

/** Whether a fork or a revocation has ended this host's own log. */
export function isRestricted(model: Model): boolean {
  const { membership } = model.state;
  if (membership.versions.length === 0) return false;
  const { roster } = newestOf(membership);
  return endOfLog(membership.evidence, membership.forks, roster, model.self.log) !== null;
}

/** Whether this host may sign what moves seats: it must never forget it (rule R7), and what a restricted one signs counts for nothing. */
export function mayMove(model: Model): boolean {
  return mayReport(model) && !isRestricted(model) && pendingVersion(model) === null;
}

/** Acks for a version by members of the newest roster, or of one that a candidate for that version leads to. */
export function acksOf(model: Model, version: number): readonly Ack[] {
  const newest = newestVersion(model);
  return newest === null ? [] : acksOn(model.state.membership, newest, version);
}

/** The version that waits to be applied here: the newest with content, if it is not the applied one. */
export function pendingVersion(model: Model): Version | null {
  const { settled } = model.state;
  const newest = settled.findLast((version) => version.content !== null);
  if (newest === undefined || newest.id === model.applied?.version.id) return null;
  return model.state.configurations.has(newest.id) ? newest : null;
}

/** The seats in force under a version: its own, or for one without content its nearest ancestor's. */
export function configurationOf(
  model: Model,
  version: Version,
): Pick<Configuration, 'registry' | 'lots'> | null {
  const { versions } = model.state.membership;
  for (let at: Version | undefined = version; at !== undefined; at = parentOf(versions, at)) {
    if (at.content !== null) return model.state.configurations.get(at.id)?.configuration ?? null;
  }
  return NO_SEATS;
}

function parentOf(versions: readonly Version[], version: Version): Version | undefined {
  return versions.find((known) => known.id === version.parent);
}

const NO_SEATS: Pick<Configuration, 'registry' | 'lots'> = {
  registry: {
    realm: { name: '' },
    policy: { issuers: 1, liars: 0, lyingRelays: 0, apply: 'idle' },
    recovery: { keys: [], threshold: 1 },
    ...{ classes: {}, software: {}, features: {}, blocks: {}, groups: {}, people: {}, hosts: {} },
    ...{ periods: {}, reservations: {}, rules: {}, vendors: {}, grants: {}, relays: {} },
  },
  lots: new Map(),
};

/** What this host's lots depend on; null before it has applied anything. */
export function lotQuestion(model: Model): LotQuestion | null {
  const { applied, state } = model;
  const member = applied === null ? null : selfIn(model, applied.version.roster);
  if (applied === null || member === null) return null;
  return {
    host: member.id,
    log: model.self.log,
    versions: state.membership.versions,
    evidence: state.membership.evidence,
    seats: state.seats,
    applied: applied.version,
    configuration: (version) => configurationOf(model, version),
  };
}

/** The lots of this moment, computed once until something changes. */
export function currentLots(model: Model): LotView {
  if (model.lots === null) {
    const question = lotQuestion(model);
    const view: LotView =
      question === null ? { ok: false, reason: 'unknown-class' } : lotsNow(question, model.time);
    model.lots = view.ok ? remembering(view) : view;
  }
  return model.lots;
}

function remembering(view: LotView & { readonly ok: true }): LotView {
  const known = new Map<string, number>();
  return {
    ...view,
    lot: (feature) => {
      const lot = known.get(feature) ?? view.lot(feature);
      known.set(feature, lot);
      return lot;
    },
  };
}

/** How long this host may go without outside evidence of time. */
export function maxOffline(model: Model): Seconds {
  const question = lotQuestion(model);
  const own = question === null ? null : classOf(question.applied, question.host);
  return own?.hostClass.maxOffline ?? seconds(0);
}

/** When the open leases on a feature end, one of them left out where that is wanted. */
export function endsOf(model: Model, feature: string, except?: string): readonly Seconds[] {
  const ends: Seconds[] = [];
  for (const { lease } of model.leases.ofFeature(feature)) {
    if (lease.under === undefined && lease.id !== except) ends.push(lease.end);
  }
  return ends;
}

/** The host that this agent leases for. */
export function hostId(model: Model): PrincipalId | null {
  return self(model)?.id ?? null;
}
