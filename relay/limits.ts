import type { Seconds } from '../core/units.ts';
import { MAX_FRAME_BYTES } from '../core/wire/bounds.ts';

/** What one relay allows. Each is checked before the work that it bounds. */
export interface Limits {
  /** Bytes of one frame from a client. */
  readonly frameBytes: number;
  /** Bytes of records in one frame of an answer, and in one turn. */
  readonly answerBytes: number;
  /** Bytes that may wait for a slow reader before it is cut. */
  readonly queueBytes: number;
  /** Frames a second from one connection, in the long run; as many again at once. */
  readonly framesPerSecond: number;
  /** How long a connection may stay without token or answer. */
  readonly helloSeconds: number;
  /** Bytes that a connection may send before either: whoever has neither brings a record or two. */
  readonly helloBytes: number;
  /** Bytes of presence that one connection may have others hold. */
  readonly presenceBytes: number;
  /** What one log may write in a day. */
  readonly quota: { readonly records: number; readonly bytes: number };
}

/** The limits of a relay that is told nothing else. */
export const DEFAULT_LIMITS: Limits = {
  frameBytes: MAX_FRAME_BYTES,
  answerBytes: 256 * 1024,
  queueBytes: 8 * 1024 * 1024,
  framesPerSecond: 500,
  helloSeconds: 10,
  helloBytes: 4 * 1024 * 1024,
  presenceBytes: 4096,
  quota: { records: 200_000, bytes: 256 * 1024 * 1024 },
};

/** Bytes of one connection's updates that may wait for their turn; then the connection is read no further until they are done. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Bytes of updates taken in one turn: one batch, one frame. */
export const MAX_TURN_BYTES = 4 * 1024 * 1024;
/** Bytes in a socket's queue above which an answer waits. */
export const MAX_AHEAD_BYTES = 512 * 1024;
/** Remarks to one connection in one turn: bad records must not cost more to answer than to send. */
export const MAX_REMARKS = 16;
/** Requests for time that wait for one turn. */
export const MAX_TIME_REQUESTS = 4096;
/** How long, in milliseconds, requests wait for others that share their signature. */
export const TIME_WINDOW_MS = 5;
/** Of these, requests from those who are in no room. */
export const MAX_STRANGERS_WAITING = 2048;
/** Addresses whose rate of requests for time is known, in each of two ages. */
export const MAX_RATED_ADDRESSES = 16_384;
/** Connections for time over TCP, in all and from one address. */
export const MAX_TIME_CONNECTIONS = 512;
export const MAX_TIME_CONNECTIONS_PER_ADDRESS = 16;
/** Bytes that one such connection may send in its life: about a thousand requests. */
export const MAX_TIME_STREAM_BYTES = 1024 * 1024;
/** Bytes of answers that may wait for one that does not read. */
export const MAX_TIME_UNREAD_BYTES = 64 * 1024;
/** How long such a connection may go without a whole request, in milliseconds. */
export const TIME_IDLE_MS = 10_000;

/** A token bucket: `rate` a second in the long run, as many at once. */
export interface Bucket {
  level: number;
  at: Seconds;
}

/** Takes one token; false when there is none. The time is asked only when the bucket is empty: it costs more than the rest. */
export function takeToken(bucket: Bucket, rate: number, now: () => Seconds): boolean {
  if (bucket.level < 1) {
    const at = now();
    bucket.level = Math.min(rate, bucket.level + (at - bucket.at) * rate);
    bucket.at = at;
  }
  if (bucket.level < 1) return false;
  bucket.level -= 1;
  return true;
}
