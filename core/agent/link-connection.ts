import { openWebsocketCarrier, type WebsocketCarrier } from '../adapters/carrier-websocket.ts';
import { nextSeqs } from '../ledger/ledger.ts';
import type { CarrierStatus, Clock } from '../ports.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Hash, type LogId, type Seconds, seconds } from '../units.ts';
import { encodeStateVector } from '../wire/state-vector.ts';
import type { KnownRelay } from './realm-file.ts';
import { roomAddress } from './room-address.ts';

/** What is done with what comes over a connection. */
interface ConnectionWork {
  update(bytes: Uint8Array): Promise<void>;
  stateVector(bytes: Uint8Array): Promise<void>;
  message(type: number, body: Uint8Array): Promise<void>;
  status(status: CarrierStatus): Promise<void>;
  /** Done at once: who is present waits for nothing. */
  presence(update: Uint8Array): void;
}

/** The connection of a link, which comes back by itself after a loss, and when told to after a refusal. */
interface LinkConnection {
  update(bytes: Uint8Array): void;
  message(type: number, body: Uint8Array): void;
  presence(update: Uint8Array): void;
  /** Brings the document up that the provider asks by after a loss, so that only news is sent again. */
  fill(): void;
  /** Does a piece of work in its turn, unless the connection has been closed by then. */
  enqueue(job: () => Promise<void>): void;
  /** Has it opened anew once so much running time has passed, whatever was planned before. */
  reopenIn(span: number): void;
  /** Whether it is planned to be opened anew. */
  reopens(): boolean;
  /** Opens it anew if the time for that has come; whether it has. */
  reopenIfDue(): boolean;
  /** Waits for the work under way, does none after it, and closes. */
  close(): Promise<void>;
}

interface LinkConnectionOptions {
  readonly relay: KnownRelay;
  readonly realm: Hash;
  readonly runtime: Runtime;
  readonly clock: Clock;
  failed(error: unknown): void;
}

/** Connects to a realm's room at a relay; what comes is worked off one piece at a time, in the order in which it came. */
export function linkConnection(options: LinkConnectionOptions, work: ConnectionWork): LinkConnection {
  const { clock, runtime } = options;
  let cached: ReadonlyMap<LogId, number> = new Map();
  let reopenAt: Seconds | null = null;
  let closed = false;
  let working: Promise<unknown> = Promise.resolve();
  let carrier = open();

  function open(): WebsocketCarrier {
    // What a carrier says that has been replaced is about a connection that is gone.
    const current = (job: () => Promise<void>) =>
      enqueue(async () => (opened === carrier ? job() : undefined));
    const opened: WebsocketCarrier = openWebsocketCarrier(roomAddress(options.relay, options.realm), {
      update: (bytes) => current(() => work.update(bytes)),
      stateVector: (bytes) => current(() => work.stateVector(bytes)),
      message: (type, bytes) => current(() => work.message(type, bytes)),
      presence: (update) => work.presence(update),
      status: (status) => current(() => work.status(status)),
    });
    cached = new Map();
    fill(opened);
    return opened;
  }

  function fill(into: WebsocketCarrier): void {
    for (const update of runtime.lackedBy(encodeStateVector(cached))) into.cache(update);
    cached = nextSeqs(runtime.model.state.ledger);
  }

  /** One piece of work at a time: an answer must not overtake the records that it speaks of. */
  function enqueue(job: () => Promise<void>): void {
    working = working.then(() => (closed ? undefined : job())).catch(options.failed);
  }

  async function reopen(): Promise<void> {
    reopenAt = null;
    await carrier.close();
    if (!closed) carrier = open();
  }

  return {
    update: (bytes) => carrier.update(bytes),
    message: (type, body) => carrier.message(type, body),
    presence: (update) => carrier.presence(update),
    fill: () => fill(carrier),
    enqueue,
    reopenIn(span) {
      reopenAt = seconds(clock.running() + span);
    },
    reopens: () => reopenAt !== null,
    reopenIfDue() {
      if (reopenAt === null || clock.running() < reopenAt) return false;
      enqueue(reopen);
      return true;
    },
    async close() {
      closed = true;
      await working;
      await carrier.close();
    },
  };
}
