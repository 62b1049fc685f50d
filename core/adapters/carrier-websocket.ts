import { WebSocket } from 'ws';
import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { Fault } from '../errors.ts';
import type { Carrier, CarrierEvents, CarrierStatus } from '../ports.ts';
import { type Seconds, seconds } from '../units.ts';
import { MAX_UPDATE_BYTES } from '../wire/bounds.ts';
import { decodeMessage, encodeMessage, type Message, OWN_MESSAGES, ownMessage } from '../wire/sync.ts';
import { guardedSocket } from './guarded-socket.ts';
import { postponements } from './postponements.ts';

/** Where a carrier connects to, and what it may take. */
export interface WebsocketCarrierOptions {
  /** The address before the room: `wss://relay.example/v1/sync`. */
  readonly url: string;
  readonly room: string;
  /** Query parameters, such as the room's read token. */
  readonly params?: Readonly<Record<string, string>>;
  /** The document to keep as a cache; one is made if none is given. */
  readonly doc?: Y.Doc;
  /** Certificates (PEM) to trust instead of the system's, for a relay with a certificate of its own making. */
  readonly ca?: string;
  /** The longest pause between attempts; 15 s unless told. */
  readonly maxBackoff?: Seconds;
  /** Bytes of one frame from the relay; one update of the largest size unless told. */
  readonly maxFrameBytes?: number;
  /** Bytes that may wait to be sent to a relay that does not read; as many unless told. */
  readonly maxWaitingBytes?: number;
}

/** What a carrier has met and not passed on. */
interface CarrierCounts {
  /** Frames that were no message; each cost its connection. */
  readonly badFrames: number;
  /** Connections given up because the relay did not read what was sent. */
  readonly stalls: number;
}

/** A carrier whose document is a cache: it holds what `cache` was given and nothing that came from the relay. */
export interface WebsocketCarrier extends Carrier {
  readonly doc: Y.Doc;
  readonly counts: CarrierCounts;
  /**
   * Takes append-profile bytes of the ledger's own making, each log from where the cache ends, into the document.
   * Nothing is sent; when a connection comes up, the relay is asked for what the cache lacks.
   */
  cache(bytes: Uint8Array): void;
}

const DEFAULT_MAX_BACKOFF = seconds(15);
/** Bytes around the update in a frame: two types and a length. */
const FRAME_OVERHEAD = 16;
/** Normal closure (RFC 6455, 7.4.1): y-websocket comes back after it. */
const CLOSE_NORMAL = 1000;

/**
 * Connects to a room over y-websocket, at once and again after every loss, until a close code is final or `close`.
 * `events` must not throw. Throws Fault RELAY_UNREACHABLE if the address is not one; later troubles are statuses.
 */
export function openWebsocketCarrier(
  options: WebsocketCarrierOptions,
  events: CarrierEvents,
): WebsocketCarrier {
  checkAddress(options.url);
  const doc = options.doc ?? cacheDocument();
  const maxBytes = options.maxFrameBytes ?? MAX_UPDATE_BYTES + FRAME_OVERHEAD;
  const maxWaiting = options.maxWaitingBytes ?? MAX_UPDATE_BYTES + FRAME_OVERHEAD;
  const counts = { badFrames: 0, stalls: 0 };
  const awareness = new Awareness(doc);
  awareness.setLocalState(null);
  const provider = new WebsocketProvider(options.url, encodeURIComponent(options.room), doc, {
    connect: false,
    awareness,
    params: { ...options.params },
    disableBc: true,
    resyncInterval: -1,
    maxBackoffTime: 1000 * (options.maxBackoff ?? DEFAULT_MAX_BACKOFF),
    WebSocketPolyfill: guardedSocket({
      maxBytes,
      ca: options.ca,
      admit: (frame) => decodeMessage(frame, maxBytes).ok,
      refused: () => {
        counts.badFrames += 1;
      },
      heard: (at) => {
        provider.wsLastMessageReceived = at;
      },
    }),
  });
  // A stray edit of the document must not leave: the relay would take it for an attack and close for good.
  doc.off('update', provider._updateHandler);
  // The stock handlers write what the relay sends into the document.
  provider.messageHandlers = new Array(OWN_MESSAGES.notice + 1).fill(
    (_: unknown, frame: { arr: Uint8Array }) => {
      const message = decodeMessage(frame.arr, maxBytes);
      if (message.ok) receive(message.value);
    },
  );

  function receive(message: Message): void {
    switch (message.type) {
      case 'step1':
        events.stateVector(message.stateVector);
        break;
      case 'step2':
        events.update(message.update);
        provider.synced = true;
        break;
      case 'update':
        events.update(message.update);
        break;
      case 'awareness':
        events.presence(message.states);
        break;
      case 'query-awareness':
        break;
      default:
        events.message(OWN_MESSAGES[message.type], message.body);
    }
  }

  function send(message: Message): void {
    const socket = socketOf(provider);
    if (!provider.wsconnected || socket === null || socket.readyState !== WebSocket.OPEN) return;
    const frame = encodeMessage(message);
    if (socket.bufferedAmount + frame.length <= maxWaiting) {
      socket.send(frame);
    } else {
      counts.stalls += 1;
      socket.close(CLOSE_NORMAL, 'the relay does not read');
    }
  }

  paceAfterPostponements(provider);
  let closed = false;
  let closing: Promise<void> | null = null;
  reportStatus(provider, (status) => {
    if (!closed) events.status(status);
  });
  provider.connect();

  return {
    doc,
    counts,
    cache: (bytes) => Y.applyUpdate(doc, bytes, provider),
    update: (update) => send({ type: 'update', update }),
    ask: (stateVector) => send({ type: 'step1', stateVector }),
    message: (type, body) => {
      const own = ownMessage(type);
      if (own === null) throw new RangeError(`expected a message type of ours, got ${type}`);
      send({ type: own, body });
    },
    presence: (states) => send({ type: 'awareness', states }),
    close: () => {
      closed = true;
      closing ??= closeProvider(provider).then(() => {
        awareness.destroy();
        if (options.doc === undefined) doc.destroy();
      });
      return closing;
    },
  };
}

function checkAddress(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : 'no address';
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    throw new Fault('RELAY_UNREACHABLE', { detail: `expected a ws:// or wss:// address, got ${protocol}` });
  }
}

/** An empty document under client id 0, which is no log's: Yjs renames a client that sees its own id in an update. */
function cacheDocument(): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = 0;
  return doc;
}

/**
 * y-websocket comes back at once after a connection that was in step. A relay that cannot write lets everybody in, and
 * sends everybody away when the first of them writes: each time in a row the pause is twice as long.
 */
function paceAfterPostponements(provider: WebsocketProvider): void {
  const counted = postponements();
  provider.on('status', ({ status }) => {
    if (status === 'connected') counted.connected(performance.now());
  });
  provider.on('connection-close', (event) => {
    const inRow = counted.closed(event?.code ?? null, performance.now());
    // It is counted up once more, and taken as a power of two, right after this.
    provider.wsUnsuccessfulReconnects = Math.max(provider.wsUnsuccessfulReconnects, inRow);
  });
}

function reportStatus(provider: WebsocketProvider, report: (status: CarrierStatus) => void): void {
  let detail: string | undefined;
  const disconnected = () => report({ state: 'disconnected', ...(detail === undefined ? {} : { detail }) });
  provider.on('connection-error', (event) => {
    detail = (event as unknown as { message?: string }).message;
  });
  provider.on('connection-close', (event) => {
    if (event !== null)
      detail ??= `close code ${event.code}${event.reason === '' ? '' : `: ${event.reason}`}`;
    // y-websocket has no status for a connection that never came up.
    if (!provider.wsconnected) disconnected();
  });
  provider.on('status', ({ status }) => {
    if (status === 'connecting') detail = undefined;
    else if (status === 'connected') report({ state: 'connected' });
    else disconnected();
  });
  provider.on('sync', (synced) => {
    if (synced) report({ state: 'synced' });
  });
  provider.on('closed', ({ code, reason }) => report({ state: 'refused', code, reason }));
}

/** The provider's present socket, which is one of the class that it was given. */
function socketOf(provider: WebsocketProvider): WebSocket | null {
  return provider.ws as unknown as WebSocket | null;
}

async function closeProvider(provider: WebsocketProvider): Promise<void> {
  const socket = socketOf(provider);
  const gone = new Promise<void>((resolve) => {
    if (socket === null) resolve();
    else socket.once('close', () => resolve());
  });
  // y-websocket leaves a timer for one more attempt behind; it must not hold up the process.
  provider.maxBackoffTime = 0;
  // Closed before the provider does it, so that it has no open socket to send a farewell presence on.
  socket?.close(CLOSE_NORMAL);
  provider.destroy();
  await gone;
}
