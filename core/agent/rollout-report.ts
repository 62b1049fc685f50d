/** A host's place in the rollout of a version (DESIGN: applying). */
export type RolloutState =
  | 'received'
  | 'verified'
  | 'acked'
  | 'certified'
  | 'draining'
  | 'applied'
  | 'refused'
  | 'superseded'
  | 'restricted'
  | 'unknown';

/** What shuts a principal out. */
export interface RestrictionReport {
  readonly kind: 'revoked' | 'forked';
  /** The issuer who began the revocation; null for a fork, and where that issuer has left. */
  readonly by: string | null;
  readonly reason: string;
  /** Wall clock (a hint) at which this host first saw the revocation; null if it does not know. */
  readonly since: number | null;
  /** Of a host: the end of the last term opened so far in which it may be leasing, though it knows nothing of this; null for none. */
  readonly seatsUntil: number | null;
}

/** A member that is shut out. */
export interface RestrictedReport extends RestrictionReport {
  readonly id: string;
  readonly member: 'host' | 'person';
}

/** One host in a rollout. */
export interface RolloutHost {
  readonly id: string;
  readonly name: string;
  readonly voter: boolean;
  readonly state: RolloutState;
  readonly acked: boolean;
  readonly appliedVersion: number | null;
  /** What shuts it out: it says nothing more that counts. */
  readonly restriction: RestrictionReport | null;
  /** Wall clock (a hint) at which anything of this host was last received; null if never. */
  readonly lastSeen: number | null;
  /** Records of its logs that are held here. */
  readonly held: number;
  readonly leases: readonly {
    readonly id: string;
    readonly feature: string;
    readonly user: string;
    readonly tool: string;
    readonly pid: number | null;
    readonly since: number;
    readonly end: number;
  }[];
}

/** One thing that a rollout waits for, for programs; `text` says the same to people. */
export type RolloutCause = { readonly text: string } & (
  | {
      readonly kind: 'signatures';
      readonly signed: number;
      readonly needed: number;
      /** Issuers who have not signed. */
      readonly missing: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'acks'; readonly acks: number; readonly quorum: number; readonly voters: number }
  /** A voter that has said nothing here; `lastSeen` is a wall clock (a hint), null if never. */
  | { readonly kind: 'silent-voter'; readonly voter: string; readonly lastSeen: number | null }
  /** A voter that a revocation or a fork has shut out: its ack never comes. */
  | { readonly kind: 'shut-out'; readonly voter: string; readonly restriction: RestrictionReport }
  /** A voter whose key this version replaces, and whose old key has not acked it. */
  | { readonly kind: 'rekeyed'; readonly voter: string }
  /** Without these voters no quorum is left. */
  | { readonly kind: 'no-quorum'; readonly lost: readonly string[] }
  /** The other voters are enough for a version without this one. */
  | { readonly kind: 'dispensable'; readonly voter: string }
  /** No relay can be reached, so what is here may be old. */
  | { readonly kind: 'unreached' }
  /** A voter that gave its ack away: to another candidate, or with null to nobody (VOID). */
  | { readonly kind: 'lost-ack'; readonly voter: string; readonly candidate: string | null }
  /** A lease under the old version; it ends at `until` at the latest. */
  | {
      readonly kind: 'lease';
      readonly host: string;
      readonly lease: string;
      readonly feature: string;
      readonly user: string;
      readonly tool: string;
      readonly pid: number | null;
      readonly since: number;
      readonly until: number;
    }
  | {
      readonly kind: 'not-applied';
      readonly host: string;
      readonly state: RolloutState;
      readonly lastSeen: number | null;
    }
);

/** Where a version stands. */
export interface RolloutReport {
  readonly version: number;
  readonly candidate: string;
  readonly certified: boolean;
  readonly acks: number;
  readonly quorum: number;
  readonly signatures: number;
  readonly needed: number;
  readonly message: string;
  readonly refused: string | null;
  readonly hosts: readonly RolloutHost[];
  /** That no relay can be reached, which is why nothing is heard of others; null while one can be. */
  readonly unreached: string | null;
  /** Exact sentences, most blocking first: which voter has not acked, which host still has which lease (DESIGN: configuration). */
  readonly why: readonly string[];
  /** The same as facts, in the same order. */
  readonly causes: readonly RolloutCause[];
}
