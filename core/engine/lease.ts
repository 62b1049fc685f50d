import type { Hash, PrincipalId, Seconds } from '../units.ts';
import type { TimeReference } from '../wire/time-reference.ts';

/** The process that uses a seat. `startTime` is opaque and tells two processes with one pid apart; null where the system does not say. */
interface ToolProcess {
  readonly tool: string;
  readonly pid: number | null;
  readonly startTime: string | null;
}

/** A seat held by a tool. Stored as it stands before it is granted. */
export interface Lease {
  readonly id: string;
  /** Whoever knows it may take the lease up again after a broken connection. */
  readonly secret: string;
  readonly feature: string;
  readonly user: PrincipalId;
  readonly process: ToolProcess;
  readonly tie: Tie;
  readonly host: PrincipalId;
  readonly version: number;
  readonly versionId: Hash;
  /** Lower bound of signed time at the grant. */
  readonly since: Seconds;
  /** The lease is over at this signed time: never after its term, its period or a rollout's deadline. */
  readonly end: Seconds;
  /** The newest signed time that the host had when it gave or last renewed it; absent without one. */
  readonly time?: TimeReference;
  /** The borrowed or shared lease whose seat this one uses. */
  readonly under?: string;
  /** Since when its seat is in use, where another lease of the user held it before. */
  readonly seatSince?: Seconds;
  /** Whether its tool says when it is in use: only then does its silence mean that it is not. */
  readonly speaks?: true;
}

/** What a lease lives as long as: the connection that took it, the process that it names, or, borrowed or lingering after its return, its end. */
export type Tie = 'connection' | 'process' | 'borrow' | 'linger';

/** Who is at the other end of a lease: a connection, a process that is alive as far as is known, or nobody since some running time. */
type Holder =
  | { readonly kind: 'attached'; readonly client: number }
  | { readonly kind: 'process' }
  | { readonly kind: 'orphaned'; readonly since: Seconds };

/** A lease with its holder; the holder is not stored, every lease is an orphan after a restart. */
export interface HeldLease {
  readonly lease: Lease;
  readonly holder: Holder;
  /** Running time at which its tool last said that it is in use, or at which this process began if that was before. */
  readonly heard?: Seconds;
}

/** A checkout that waits for a seat or for a version to be applied. */
export interface Waiting {
  /** Null for one that did not want to queue: its call is answered when another host's seat has come, or none has by `patience`. */
  readonly ticket: number | null;
  /** Running time until which it waits; null for as long as it takes. */
  readonly patience: Seconds | null;
  readonly client: number;
  readonly call: number;
  readonly request: CheckoutRequest;
  /** Id and secret of the lease that it becomes. */
  readonly id: string;
  readonly secret: string;
  readonly since: Seconds;
}

/** What a tool asks for. */
export interface CheckoutRequest {
  readonly feature: string;
  readonly user: string;
  readonly process: ToolProcess;
  readonly tie: Tie;
  /** Whether to queue when the answer is no for now. */
  readonly wait: boolean;
  /** For a borrowed seat: until when it is wanted, whatever becomes of the connection. */
  readonly until?: Seconds | undefined;
}
