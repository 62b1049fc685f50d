import type { PublicKey, Seconds } from './units.ts';

/** One change of a batch; `value` null deletes the key. */
export interface StoreWrite {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A range of keys, in the order of their UTF-8 bytes: `from` inclusive, `to` exclusive. */
export interface StoreRange {
  readonly from: string;
  readonly to: string;
}

/** A small ordered key-value store. `batch` is atomic and on disk, synced, when it resolves. Throws Fault only. */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>;
  range(range: StoreRange): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  batch(writes: readonly StoreWrite[]): Promise<void>;
  close(): Promise<void>;
}

/** Checking signatures. Nothing here holds a secret. */
export interface Crypto {
  /** Whether `signature` is a valid Ed25519 signature (RFC 8032, 5.1.7) of `message` by `key`; malformed input is false, never a throw. */
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** One signing key. `sign` gives the 64 bytes of an Ed25519 signature and throws Fault IDENTITY_LOCKED when the key cannot be used. */
export interface Signer {
  readonly key: PublicKey;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** What a machine can say of time without being believed about the date. */
export interface Clock {
  /** Seconds that this machine has been running, suspend included where the system can tell; never goes back within one boot. */
  running(): Seconds;
  /** An opaque name of the present boot; another value means that `running` started again. Null where there is none. */
  boot(): string | null;
  /** The wall clock, as a hint to show and never evidence. */
  wall(): Seconds;
}

/** Random bytes fit for keys and nonces. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** What a carrier tells the runtime. Bytes are as received; nothing of them is checked yet. */
export interface CarrierEvents {
  /** Append-profile bytes from the relay: a sync step 2 or an update (DESIGN: the wire). */
  update(bytes: Uint8Array): void;
  /** The relay's state vector: what it has; the runtime answers with what it lacks. */
  stateVector(bytes: Uint8Array): void;
  /** A message of our own types: `hello`, `time`, `notice`. */
  message(type: number, bytes: Uint8Array): void;
  /** An awareness update: who is present, as they say themselves. */
  presence(update: Uint8Array): void;
  /** The connection came up, or went; `final` when the relay said that trying again is no use (44xx). */
  status(status: CarrierStatus): void;
}

/** The state of a carrier's connection. */
export type CarrierStatus =
  | { readonly state: 'connected' }
  | { readonly state: 'synced' }
  /** `detail` says why, for people: a system error, an HTTP status or a close code. */
  | { readonly state: 'disconnected'; readonly detail?: string }
  | { readonly state: 'refused'; readonly code: number; readonly reason: string };

/** A connection to one room of one relay. Sending while disconnected is a no-op: sync on reconnect makes up for it. */
export interface Carrier {
  /** Sends append-profile bytes as a Yjs update. */
  update(bytes: Uint8Array): void;
  /** Asks for what we lack, by our state vector. */
  ask(stateVector: Uint8Array): void;
  /** Sends a message of our own types. */
  message(type: number, bytes: Uint8Array): void;
  /** Sends an awareness update. */
  presence(update: Uint8Array): void;
  close(): Promise<void>;
}
