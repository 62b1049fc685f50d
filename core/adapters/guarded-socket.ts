import { getUnixTime } from 'lib0/time';
import { type ClientOptions, WebSocket } from 'ws';

/** What a guarded socket asks and tells. */
interface SocketGuard {
  /** Bytes of one message at most; more closes the connection while it still arrives. */
  readonly maxBytes: number;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca: string | undefined;
  /** Whether a binary message may be handed on. */
  admit(message: Uint8Array): boolean;
  /** A message was not admitted, and the connection is being closed. */
  refused(): void;
  /** The other side gave a sign of life at this time (milliseconds of the wall clock, as y-websocket counts). */
  heard(at: number): void;
}

/** Protocol error (RFC 6455, 7.4.1). Not a 44xx: the other side echoes the code, and y-websocket would never come back. */
const CLOSE_PROTOCOL_ERROR = 1002;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * A WebSocket class for y-websocket that hands on admitted messages only.
 * y-websocket parses frames inside the socket's event: one of bad form would throw there and end the process.
 */
export function guardedSocket(guard: SocketGuard): typeof globalThis.WebSocket {
  const options: ClientOptions & { closeTimeout: number } = {
    maxPayload: guard.maxBytes,
    // A compressed frame may unfold to a thousand times its size before it can be judged.
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    ...(guard.ca === undefined ? {} : { ca: guard.ca }),
  };
  class GuardedSocket extends WebSocket {
    #refused = false;

    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, options);
      // y-websocket counts messages only, and leaves a quiet room every 30 s.
      this.on('ping', () => guard.heard(getUnixTime()));
    }

    override emit(event: string | symbol, ...details: unknown[]): boolean {
      if (event === 'message' && !this.#admits(details[0], details[1] === true)) return true;
      return super.emit(event, ...details);
    }

    #admits(data: unknown, isBinary: boolean): boolean {
      if (this.#refused) return false;
      if (isBinary && data instanceof ArrayBuffer && guard.admit(new Uint8Array(data))) return true;
      this.#refused = true;
      this.close(CLOSE_PROTOCOL_ERROR, 'a frame was not a message of this protocol');
      guard.refused();
      return false;
    }
  }
  // `ws` is what y-websocket asks for in Node, though its types lack events that no provider listens to.
  return GuardedSocket as unknown as typeof globalThis.WebSocket;
}
