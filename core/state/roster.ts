import type { LogId, PrincipalId, PublicKey, Seconds } from '../units.ts';
import type { Role } from '../wire/roles.ts';

export { ROLES, type Role } from '../wire/roles.ts';

/** One log of a principal and the key that signs it; a person with two devices has two. */
export interface MemberLog {
  readonly log: LogId;
  readonly key: PublicKey;
}

/** A principal with at least one log. `class` is set for hosts only. */
export interface Member {
  readonly id: PrincipalId;
  readonly kind: 'host' | 'person';
  readonly name: string;
  readonly logs: readonly MemberLog[];
  readonly class: string | null;
  readonly roles: readonly Role[];
}

/** A class of hosts: what is fixed for its life is `term`. */
export interface HostClass {
  /** Length of a term. */
  readonly term: Seconds;
  /** Terms that voters open ahead of need. */
  readonly ahead: number;
  /** Running time without outside evidence of time after which nothing is leased. */
  readonly maxOffline: Seconds;
  /** Whether the wall clock may serve as an upper bound when offline. */
  readonly clock: 'none' | 'rtc';
}

/** A relay whose signed time is believed, with its long-term Roughtime key. */
interface RosterRelay {
  readonly url: string;
  readonly key: PublicKey;
}

/** The part of a version that everybody may see: who belongs, who decides, and by which thresholds. */
export interface Roster {
  readonly members: ReadonlyMap<PrincipalId, Member>;
  readonly policy: RosterPolicy;
}

/** Thresholds and rules of a roster. */
export interface RosterPolicy {
  /** Issuers that must sign a candidate (rule R1). */
  readonly issuers: number;
  /** Voters that may lie without harm (rule R3). */
  readonly liars: number;
  /** Relays that may lie about time (DESIGN: time). */
  readonly lyingRelays: number;
  /** How a host reaches zero leases once a version is certified. */
  readonly apply: 'idle' | 'drain';
  /** Seconds after certification at which open leases end, at the latest; null leaves it to the end of the term. */
  readonly deadline: Seconds | null;
  readonly classes: ReadonlyMap<string, HostClass>;
  readonly relays: readonly RosterRelay[];
  /** Offline keys that may start a new generation, and how many must sign (rule R9). */
  readonly recovery: { readonly keys: readonly PublicKey[]; readonly threshold: number };
}
