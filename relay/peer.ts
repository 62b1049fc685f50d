import type { LogId, Seconds } from '../core/units.ts';
import type { CloseReason } from '../core/wire/close-codes.ts';
import type { Answer } from '../core/wire/hello.ts';
import type { Bucket } from './limits.ts';

/** A connection as the relay sees it, whatever carries it. Nothing here throws; after `close` all does nothing. */
export interface Peer {
  /** Where it comes from, for limits and logs. */
  readonly address: string;
  /** Queues one frame; the bytes are not changed later, and the same array may go to many peers. */
  send(frame: Uint8Array): void;
  /** Bytes that are queued and not yet taken by the system. */
  queued(): number;
  /** Resolves when the queue is short, or when the connection is gone. */
  drained(): Promise<void>;
  /** Stops or goes on reading what the peer sends. */
  throttle(stop: boolean): void;
  close(reason: CloseReason): void;
}

/** What a connection asked for when it came. */
export interface Request {
  readonly room: string;
  readonly token: string | null;
  /** The relay's registration token, from whoever brings a new realm. */
  readonly register: string | null;
  /** Whether the peer speaks our own message types though it has a token. */
  readonly hello: boolean;
}

/** What a relay remembers of a connection while it lasts. */
export interface Session {
  readonly peer: Peer;
  readonly request: Request;
  readonly since: Seconds;
  readonly nonce: Uint8Array;
  readonly bucket: Bucket;
  /** Whether it may read: its token or its answer was right. */
  reader: boolean;
  /** The log that it proved to hold; our own messages go to it from then on. */
  log: LogId | null;
  /** Whether it has all that the room holds, so that the next frame fits. */
  live: boolean;
  closed: boolean;
  /** Whether it has answered the challenge; the answer may wait for the genesis of a new realm. */
  answered: boolean;
  /** Bytes received before it was allowed to read or answered. */
  strangerBytes: number;
  /** Bytes of updates that wait for their turn. */
  waitingBytes: number;
  /** State vectors that wait to be answered: at most the newest. */
  question: Uint8Array | null;
  answering: boolean;
  /** An answer to the challenge that came before the room had its genesis. */
  early: Answer | null;
}

/** A session of a peer that has just come. */
export function newSession(
  peer: Peer,
  request: Request,
  nonce: Uint8Array,
  framesPerSecond: number,
  now: Seconds,
): Session {
  return {
    ...{ peer, request, nonce, since: now, bucket: { level: framesPerSecond, at: now } },
    ...{ reader: false, log: null, live: false, closed: false },
    ...{ answered: false, strangerBytes: 0, waitingBytes: 0 },
    ...{ question: null, answering: false, early: null },
  };
}
