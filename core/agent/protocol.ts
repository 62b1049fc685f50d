import type { TimeStanding } from '../decide/expiry.ts';
import type { AgentEvent, Answer } from '../engine/effect.ts';
import type { Foreseeable, Foresight } from '../engine/foresight.ts';
import type { Command } from '../engine/input.ts';
import type { Lease } from '../engine/lease.ts';
import type { RegistryEdit } from '../state/registry-portions.ts';
import type { CapacityStep } from '../state/reports/capacity.ts';
import type { UsageEntry } from '../state/usage.ts';
import type { RecordPlace } from '../state/usage-records.ts';
import type { PrincipalId } from '../units.ts';
import type { ChangeReport, CompiledReport, ContestReport, VersionReport } from './config-report.ts';
import type { JoinVerdict } from './newcomer.ts';
import type { OverviewPortion } from './overview-report.ts';
import type { RestrictedReport, RolloutReport } from './rollout-report.ts';
import type { SeatPlace, SeatPortion } from './seat-report.ts';

/** The span of protocol versions that this agent and this client speak. */
export const PROTOCOL = [1, 1] as const;

/** First request of every connection: `hello`. Unknown fields are ignored. */
export interface HelloParams {
  readonly protocol: readonly [lowest: number, highest: number];
  readonly client: string;
  readonly version: string;
  readonly pid: number;
  readonly startTime: string | null;
  /** 32 bytes in hex; the agent proves with it that it can read the data directory's secret. */
  readonly nonce: string;
  /** HMAC-SHA-256 of the nonce under the secret in `agent.json`, in hex: the client can read it too. */
  readonly proof: string;
  /** Of whose leases this client is told: everybody's, unless it says that its own are enough. With many tools at a host, to tell each of all costs more than the leases. */
  readonly leases?: 'all' | 'own' | undefined;
}

/** Answer to `hello`. `proof` is HMAC-SHA-256 of both nonces under the secret in `agent.json`, in hex. */
export interface HelloResult {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly nonce: string;
  readonly proof: string;
  readonly host: string | null;
  readonly realm: string | null;
  /** Signed time that is certainly past, in seconds; null before a relay has signed any, absent from older agents. */
  readonly relayTime?: number | null;
}

/** Signed time as far as it is known, and how the machine's own clock compares. */
export interface TimeReport {
  readonly lower: number | null;
  readonly upper: number | null;
  /** Whether the upper bound is the word of the machine's own clock alone; absent from older agents. */
  readonly byWall?: boolean;
  readonly offlineAge: number | null;
  readonly maxOffline: number;
  readonly conflict: boolean;
  readonly wall: number;
  readonly relays: readonly { readonly key: string; readonly midpoint: number | null }[];
  /** What is known of time itself, whatever the period: nothing while all is well. */
  readonly standing?: readonly TimeStanding[];
  /** When leases stop if no relay answers any more; null where they have stopped, or no class sets a limit. */
  readonly graceEnd?: number | null;
}

/** A feature whose periods need somebody's attention: they end soon, have not begun, or are over. */
export interface PeriodReport extends TimeStanding {
  readonly feature: string;
}

/** A lease as shown to people and tools: without its secret. */
export interface LeaseReport extends Omit<Lease, 'secret' | 'versionId' | 'seatSince' | 'speaks'> {
  /** `ending`: it is not renewed, since this host has been shut out. */
  readonly state: 'active' | 'orphaned' | 'lingering' | 'draining' | 'ending';
  /** Running seconds after which an orphan is freed; null for others. */
  readonly freesIn: number | null;
  /** Running seconds since its tool last said that it is in use; null for one that does not say so. */
  readonly idle: number | null;
}

/** How one relay stands to this host. Instants are of the wall clock, to be shown. */
export interface RelayReport {
  /** Null where no relay is known. */
  readonly url: string | null;
  readonly state: 'none' | 'connecting' | 'connected' | 'synced' | 'disconnected' | 'refused';
  readonly detail: string | null;
  /** When it came to stand like this; what is down goes on being down through every attempt. */
  readonly since: number | null;
  /** Whether this process has had signed time from it; `unasked` is one whose key the realm does not name. */
  readonly time: 'signed' | 'waiting' | 'wrong' | 'unasked';
  /** What is wrong with its time. */
  readonly timeDetail: string | null;
}

/** How far a newcomer has come: whether a relay keeps its first record, or why none takes it. */
export type JoinReport = JoinVerdict | { readonly state: 'waiting' };

/** Recurring publication: a cron expression, and the wall clock of the next run. */
export interface ScheduleReport {
  readonly cron: string;
  readonly message: string;
  readonly next: number | null;
  /** What the last run came to. */
  readonly last: string | null;
}

/** The one-screen summary. */
export interface StatusReport {
  readonly realm: { readonly id: string; readonly name: string } | null;
  readonly host: {
    readonly id: string;
    readonly name: string;
    readonly log: number;
    readonly class: string | null;
    readonly roles: readonly string[];
  } | null;
  readonly agent: {
    readonly pid: number;
    readonly version: string;
    readonly clients: number;
    readonly mode: string;
  };
  /** The relay that stands best. */
  readonly relay: RelayReport;
  readonly relays: readonly RelayReport[];
  readonly time: TimeReport;
  /** Null for a founder, and for who has become a member. */
  readonly join: JoinReport | null;
  /** Who has joined by invitation and becomes a member with the next version. */
  readonly newcomers: readonly { readonly id: string; readonly kind: 'host' | 'person' }[];
  /** What this agent publishes by itself, and when; null where nothing is arranged. */
  readonly schedule: ScheduleReport | null;
  /** Members of the newest version that are shut out, this host among them if it is. */
  readonly restricted: readonly RestrictedReport[];
  readonly newest: number | null;
  readonly applied: number | null;
  readonly draining: boolean;
  readonly pending: RolloutReport | null;
  readonly leases: readonly LeaseReport[];
  readonly waiting: number;
  /** Features of which more seats are known to be in use than there are: how many may be, and how many are. */
  readonly overdrawn: readonly {
    readonly feature: string;
    readonly overdraft: number;
    readonly overdrawn: number;
  }[];
  /** Features whose periods end soon, have not begun or are over, those first that change first. */
  readonly periods?: readonly PeriodReport[];
  readonly records: number;
  readonly alarms: readonly { readonly code: string; readonly text: string }[];
}

/** A feature as this host may use it now. */
export interface FeatureReport {
  readonly id: string;
  readonly name: string;
  readonly seats: number;
  readonly lot: number;
  readonly inUse: number;
  readonly from: string | null;
  readonly until: string | null;
  /** Days of a period that begins with set-up here; null without one, or once it has begun. */
  readonly fromSetUp?: number | null;
  /** What signed time makes of its periods: that they are open, each thing to be warned of, or why not; with when it changes. */
  readonly time?: readonly TimeStanding[];
  /** Why nothing can be checked out here, if so. */
  readonly reason: string | null;
}

/** Requests of the agent's socket: method → parameters and result. `command` carries everything that changes something. */
export interface Methods {
  hello: { params: HelloParams; result: HelloResult };
  status: { params: Record<string, never>; result: StatusReport };
  features: { params: Record<string, never>; result: readonly FeatureReport[] };
  leases: { params: Record<string, never>; result: readonly LeaseReport[] };
  seats: {
    params: { readonly feature?: string | undefined; readonly after?: SeatPlace | undefined };
    result: SeatPortion;
  };
  /** Who uses what over all hosts, and how old what is known of each is, in portions of features. */
  overview: { params: { readonly after?: string | undefined }; result: OverviewPortion };
  rollout: { params: { readonly version: number | null }; result: RolloutReport | null };
  /** The registry: as drafted, or of a version. */
  registry: {
    params: { readonly version: number | 'draft' };
    result: { readonly registry: unknown; readonly base: number };
  };
  /** What the draft, with a change of it if one is proposed, would change, and the problems that compiling finds. */
  draft: {
    params: { readonly change?: RegistryEdit | undefined };
    result: {
      readonly base: number;
      readonly changes: readonly ChangeReport[];
      readonly summary: readonly string[];
      readonly problems: readonly { readonly path: string; readonly code: string; readonly text: string }[];
      /** Newcomers that joined by invitation and become members with the next version. */
      readonly newcomers: readonly string[];
      /** Changed places that two principals wrote at once: whose value stands, over whose, and what is lost (null for an entry). */
      readonly contested: readonly ContestReport[];
    };
  };
  /** What publishing the draft now would make of it: its registry, newcomers admitted, and who would get how many seats. */
  compiled: { params: Record<string, never>; result: CompiledReport };
  /**
   * What hosts have signed of their use from `since` until `until`, and what this host has not signed yet, in portions:
   * the next one is what comes after the place that this one ends with. `foldUsage` joins it.
   */
  usage: {
    params: {
      readonly since: number;
      readonly until?: number | undefined;
      readonly after?: RecordPlace | undefined;
    };
    result: { readonly entries: readonly UsageEntry[]; readonly next: RecordPlace | null };
  };
  /** When which seats of each feature were there in a span, and the hosts of the newest version, of which records are expected. */
  capacity: {
    params: { readonly since: number; readonly until: number };
    result: {
      readonly features: Readonly<Record<string, readonly CapacityStep[]>>;
      readonly members: readonly PrincipalId[];
    };
  };
  versions: { params: Record<string, never>; result: readonly VersionReport[] };
  /** The exact bytes of a version's configuration, in hex, as this host compiled them. */
  configuration: {
    params: { readonly version: number | null };
    result: {
      readonly version: number;
      readonly content: string;
      readonly bytes: string;
      readonly realm: string;
      /** The public keys of each host in its roster, in hex: who signs the tokens of leases. */
      readonly hosts: Readonly<Record<string, readonly string[]>>;
    };
  };
  /** Re-verifies genesis → … → newest from the records held: signatures, thresholds, acks, content. */
  verify: {
    params: Record<string, never>;
    result: {
      readonly checks: readonly {
        readonly version: number;
        readonly check: string;
        readonly ok: boolean;
        readonly detail: string;
      }[];
    };
  };
  time: { params: Record<string, never>; result: TimeReport };
  /** The proof that a relay lies, in the JSON form of RFC 10049; null if there is none. */
  'time-proof': { params: Record<string, never>; result: { readonly report: string | null } };
  /** A statement of the present under this host's signature, as a file; null without a time that a relay signed. */
  attest: {
    params: { readonly audience: string | null };
    result: { readonly attestation: string | null };
  };
  /** Signed times in gossip form, in hex, that somebody brought: how many said more than was known. */
  hear: { params: { readonly times: readonly string[] }; result: { readonly newer: number } };
  /** Candidates that wait for this principal's signature. */
  unsigned: {
    params: Record<string, never>;
    result: readonly {
      readonly candidate: string;
      readonly version: number;
      readonly author: string;
      readonly message: string;
      /** What it changes against the newest version, as this host compiled it. */
      readonly changes: readonly ChangeReport[];
      readonly summary: readonly string[];
      /** Why this host would not take it, or null; `waiting` while drafts that it covers are missing. */
      readonly refused: string | null;
    }[];
  };
  command: { params: { readonly command: Command }; result: AnswerReport };
  /** What a command would come to. Not a flag of `command`, which an agent that does not know it would carry out. */
  foresee: { params: { readonly command: Foreseeable }; result: Foresight };
  /** Recurring publication as a duty of this agent; null clears it. */
  schedule: {
    params: { readonly cron: string | null; readonly message: string } | Record<string, never>;
    result: {
      readonly cron: string | null;
      readonly message: string;
      readonly next: number | null;
      readonly last: string | null;
    };
  };
  stop: {
    params: { readonly force: boolean };
    result: { readonly stopping: boolean; readonly reason: string | null };
  };
}

/** An answer with the lease's token: a JWT that tools can check offline. */
export type AnswerReport = Answer & { readonly token?: string };

/** Notifications that the agent pushes, each under its own method name. */
export type PushedEvent = AgentEvent & { readonly token?: string };
