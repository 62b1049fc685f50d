import assert from 'node:assert/strict';
import {
  openWebsocketCarrier,
  type WebsocketCarrier,
  type WebsocketCarrierOptions,
} from '../../core/adapters/carrier-websocket.ts';
import type { CarrierEvents, CarrierStatus } from '../../core/ports.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import type { Message } from '../../core/wire/sync.ts';
import { type BareConnection, type BareRelay, bareRelay } from './bare-relay.ts';
import { type Queue, queue } from './queue.ts';
import { log } from './yjs-logs.ts';

type Event =
  | { readonly event: 'update' | 'stateVector' | 'presence'; readonly bytes: Uint8Array }
  | { readonly event: 'message'; readonly type: number; readonly bytes: Uint8Array };

/** The room that carriers ask for. */
export const ROOM = `${'ab'.repeat(32)}.0`;
/** The body of any message. */
export const BODY = Uint8Array.of(1, 2, 3);
/** The first records of log 7. */
export const RECORDS = [Uint8Array.of(1), Uint8Array.of(2, 2)];
/** An update with these. */
export const FIRST = encodeAppend([{ log: log(7), from: 0, records: RECORDS }]);
/** An update with the record after these. */
export const NEXT = encodeAppend([{ log: log(7), from: 2, records: [BODY] }]);
/** What is sent last, so that whatever came before it would have come. */
export const MARK: Message = { type: 'notice', body: Uint8Array.of(99) };

/** A carrier before a relay that does nothing by itself. */
interface CarrierRig {
  relay: BareRelay;
  carrier: WebsocketCarrier;
  events: Queue<Event>;
  statuses: Queue<CarrierStatus>;
  /** Puts what it hears into the queues. */
  readonly listener: CarrierEvents;
  open(options?: Partial<WebsocketCarrierOptions>): void;
  /** Opens, and takes the frame that y-websocket sends first. */
  connect(options?: Partial<WebsocketCarrierOptions>): Promise<BareConnection>;
}

/** A rig whose relay is new before each test of the group, and closed with the carrier after it. */
export function carrierRig(): CarrierRig {
  const rig = {
    listener: {
      update: (bytes) => rig.events.put({ event: 'update', bytes: new Uint8Array(bytes) }),
      stateVector: (bytes) => rig.events.put({ event: 'stateVector', bytes: new Uint8Array(bytes) }),
      message: (type, bytes) => rig.events.put({ event: 'message', type, bytes: new Uint8Array(bytes) }),
      presence: (bytes) => rig.events.put({ event: 'presence', bytes: new Uint8Array(bytes) }),
      status: (status) => rig.statuses.put(status),
    },
    open(options = {}) {
      rig.carrier = openWebsocketCarrier({ url: rig.relay.url, room: ROOM, ...options }, rig.listener);
    },
    async connect(options = {}) {
      rig.open(options);
      const connection = await rig.relay.connections.take();
      assert.equal((await connection.frames.take()).type, 'step1');
      assert.deepEqual(await rig.statuses.take(), { state: 'connected' });
      return connection;
    },
  } as CarrierRig;
  beforeEach(async () => {
    rig.relay = await bareRelay();
    rig.events = queue();
    rig.statuses = queue();
  });
  afterEach(async () => {
    await rig.carrier.close();
    await rig.relay.close();
  });
  return rig;
}
