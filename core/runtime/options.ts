import type { AgentEvent } from '../engine/effect.ts';
import type { Lease } from '../engine/lease.ts';
import type { Clock, Crypto, Signer, Store } from '../ports.ts';
import type { Hash, LogId } from '../units.ts';

/** What a runtime works with. */
export interface RuntimeOptions {
  readonly store: Store;
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly realm: Hash;
  readonly log: LogId;
  /** This host's first records, sealed before it had a runtime: a genesis with its drafts, or a join that waits for its invitation. */
  readonly opening?: readonly Uint8Array[];
  /** Whether the process of a lease is gone for certain. */
  probe(lease: Lease): Promise<boolean>;
  /** The counter kept outside the data directory: the log's length as last signed (rule R7). */
  readonly counter: { read(): Promise<number>; write(next: number): Promise<void> };
  event(to: number | 'all', event: AgentEvent): void;
  /** A lease is on its way to the disk and will be answered with: time to prepare what goes with it, to be shown to nobody yet. */
  coming?(lease: Lease): void;
  /** Append-profile bytes that others should have. */
  publish(bytes: Uint8Array): void;
  /** A fault that no command waited for. */
  fault(error: unknown): void;
}
