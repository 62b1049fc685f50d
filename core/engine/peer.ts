import type { Seconds } from '../units.ts';
import type { Verified } from '../verify/record.ts';

/** What a peer says of itself over presence: it tells whom to ask, and is never evidence. */
export interface Peer {
  /** Idle seats by feature. */
  readonly free: ReadonlyMap<string, number>;
  /** Who uses its seats. */
  readonly used?: readonly { readonly feature: string; readonly user: string }[];
}

/** A request that this host has been asked to answer, since a running time. */
export interface Asked {
  readonly request: Verified<'seat-request'>;
  readonly since: Seconds;
}
