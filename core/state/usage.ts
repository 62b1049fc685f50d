import type { PrincipalId, Seconds } from '../units.ts';

/** A seat in use by one user on one host, in signed time: from the grant until the end, or until the log ends that is still open. */
export interface UsageSession {
  readonly host: PrincipalId;
  readonly feature: string;
  readonly user: string;
  readonly from: Seconds;
  readonly until: Seconds;
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
