import type { Clock, Crypto, Random, Store } from '../core/ports.ts';
import type { Hash, PublicKey } from '../core/units.ts';
import type { Counts } from './counts.ts';
import type { DoorRules } from './door.ts';
import type { Hall } from './hall.ts';
import type { Limits } from './limits.ts';
import type { Peer, Request, Session } from './peer.ts';
import type { TimeDesk } from './time-desk.ts';

/** What happened, for the log; never a secret, never a record's content. */
export type RelayEvent =
  | { readonly event: 'peer-in'; readonly room: string; readonly address: string }
  | { readonly event: 'peer-out'; readonly room: string; readonly address: string; readonly reason: string }
  | { readonly event: 'realm-registered'; readonly room: string }
  | { readonly event: 'failed'; readonly room: string; readonly error: unknown };

/** What a relay needs of the world. */
export interface RelayOptions extends DoorRules {
  readonly store: Store;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  /** Signed time, and the long-term key under which it is signed; null where this relay signs none. */
  readonly time: { readonly desk: TimeDesk; readonly key: PublicKey } | null;
  readonly counts: Counts;
  readonly limits: Limits;
  note(event: RelayEvent): void;
}

/** A relay without sockets: connections come in as peers, frames as bytes. */
export interface Relay {
  connect(peer: Peer, request: Request): void;
  receive(peer: Peer, bytes: Uint8Array): void;
  disconnect(peer: Peer): void;
  /** Sends away who has not said in time who they are; to be called about once a second. */
  sweep(): void;
  /** Resolves when nothing that was received waits to be written or answered. */
  idle(): Promise<void>;
  /** Sends everybody away. */
  shutDown(): void;
  /** Does a work while nobody is in a realm's room: all are sent away, and may come again when it is done. */
  emptied<T>(realm: Hash, work: () => Promise<T>): Promise<T>;
  readonly sessions: ReadonlyMap<Peer, Session>;
  readonly halls: ReadonlyMap<string, Hall>;
}
