import type { LotDenial } from '../decide/lots.ts';

/** Seats that moved from one host to another for one term of the giver. */
export interface SeatMoveReport {
  readonly from: string;
  readonly to: string;
  readonly seats: number;
  /** The term, in signed time; null while no quorum has opened it as far as is known here. */
  readonly since: number | null;
  readonly until: number | null;
  /** Whether the receiver has made them its own, has not that anybody here knows, or the term has passed. */
  readonly state: 'here' | 'sent' | 'over';
}

/** What is known here of one host and one feature. */
export interface SeatHolder {
  readonly host: string;
  readonly name: string;
  /** Seats that it may lease now: those of its lot and those that came, without those that went. */
  readonly now: number;
  /** Seats that its lot has in the term that runs. */
  readonly lot: number;
  /** Seats of now that it has from others, and that went from its lot, whoever has them by now. */
  readonly came: number;
  readonly went: number;
  /** Seats that the applied version gives it from a later term on. */
  readonly withheld: number;
  /** When all of these are of use; null for none, and while nobody can say. */
  readonly withheldUntil: number | null;
  /** Why it has none now, whatever its lot. */
  readonly none: LotDenial | null;
  readonly leases: readonly {
    readonly user: string;
    readonly tool: string;
    readonly since: number;
    readonly end: number;
  }[];
  /** Seats that it could send away now; null where it has not said. */
  readonly free: number | null;
  /** Whether this is what the host itself knows, what it says over presence now, or what the ledger has while it is away. */
  readonly heard: 'here' | 'present' | 'away';
  /** Wall clock (a hint) at which anything of it last arrived. */
  readonly lastSeen: number | null;
}

/** Where the seats of one feature are. */
export interface SeatReport {
  readonly feature: string;
  readonly name: string;
  readonly seats: number;
  /** Seats beyond these that may be in use as well. */
  readonly overdraft: number;
  readonly hosts: readonly SeatHolder[];
  readonly moves: readonly SeatMoveReport[];
  /** Why each host got its lot, a sentence each. */
  readonly explained: readonly string[];
}

/** Where a portion of the report begins: at a feature, and how many lines of it came before. */
export interface SeatPlace {
  readonly feature: string;
  readonly told: number;
}

/**
 * A portion of the report, in the order of features: of a feature whose hosts, moves and explanations are too many for one
 * portion the lists go on in the next, which begins at `next`. A host with many leases is told of more than once, with others.
 */
export interface SeatPortion {
  readonly features: readonly SeatReport[];
  readonly next: SeatPlace | null;
}
