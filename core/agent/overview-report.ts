/** A seat in use somewhere in the realm, as far as is known here. */
export interface SeatInUse {
  readonly host: string;
  readonly user: string;
  /** Null where only a record of use tells of it. */
  readonly tool: string | null;
  readonly pid: number | null;
  /** The id of the lease; null where only a record of use tells of it, or a host of an earlier version. */
  readonly lease: string | null;
  readonly since: number;
  /** When it ends at the latest; null where only a record of use tells of it. */
  readonly end: number | null;
  /** Whether it is one beyond the seats there are, in the order in which they were taken. */
  readonly overdraft: boolean;
}

/** A checkout that waits on this host. */
interface Queued {
  readonly user: string;
  readonly tool: string;
  readonly pid: number | null;
  /** Running seconds for which it has waited. */
  readonly waited: number;
}

/** One feature over all hosts. */
export interface FeatureOverview {
  readonly feature: string;
  readonly name: string;
  readonly seats: number;
  /** Seats beyond these that may be in use as well, and how many of them are. */
  readonly overdraft: number;
  readonly overdrawn: number;
  readonly uses: readonly SeatInUse[];
  /** The first to be served first. */
  readonly queue: readonly Queued[];
  /** Checkouts refused since the day began (UTC, signed time), of which records are here; null while the time is unknown. */
  readonly deniedToday: number | null;
}

/** How old what is known of a host is. */
export interface HostSighting {
  readonly host: string;
  readonly name: string;
  /** Whether this is what the host itself knows, what it says over presence now, or what its records say while it is away. */
  readonly heard: 'here' | 'present' | 'away';
  /** Wall clock (a hint) at which anything of it last arrived. */
  readonly lastSeen: number | null;
  /** Until when, in signed time, its last record of use speaks; null where there is none. */
  readonly recordUpTo: number | null;
  /** Of a host that is away: what its last record of use says it held. */
  readonly heldLast: readonly { readonly feature: string; readonly user: string; readonly since: number }[];
}

/** Who uses what, where, since when and until when, and how old that knowledge is. */
export interface RealmOverview {
  /** By id. */
  readonly features: readonly FeatureOverview[];
  /** By id. */
  readonly hosts: readonly HostSighting[];
}

/** One portion of it: the next begins after the feature `next`; the hosts are in the first. */
export interface OverviewPortion extends RealmOverview {
  readonly next: string | null;
}
