import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { memoryStore, type StoreImage } from '../../core/adapters/store-memory.ts';
import type { Store } from '../../core/ports.ts';
import type { LogId } from '../../core/units.ts';
import { encodeAppend, parseAppend, type Run } from '../../core/wire/append.ts';
import type { CloseReason } from '../../core/wire/close-codes.ts';
import { decodeHello, encodeHello, type Hello, helloBytes } from '../../core/wire/hello.ts';
import { decodeNotice, type Notice } from '../../core/wire/notice.ts';
import { encodeStateVector } from '../../core/wire/state-vector.ts';
import { decodeMessage, encodeMessage, type Message } from '../../core/wire/sync.ts';
import { type Counts, newCounts } from '../../relay/counts.ts';
import { relayOver } from '../../relay/handle.ts';
import { DEFAULT_LIMITS, type Limits } from '../../relay/limits.ts';
import type { Peer, Request } from '../../relay/peer.ts';
import { openRealms, type Realms } from '../../relay/realms.ts';
import type { Relay, RelayEvent, RelayOptions } from '../../relay/relay.ts';
import { type TestClock, testClock } from './clock.ts';
import { seededRandom } from './random.ts';
import type { TestRealm } from './realm.ts';

/** The wall time at which rigs start. */
export const RIG_NOW = 1_800_000_000;

/** A relay over a store in memory, with everything that a test may want to look at. */
export interface Rig {
  readonly relay: Relay;
  readonly store: Store;
  readonly realms: Realms;
  readonly clock: TestClock;
  readonly counts: Counts;
  readonly events: RelayEvent[];
  /** How often a metric was counted under a label. */
  count(name: Parameters<Counts['add']>[0], label?: string): number;
  /** What the disk holds. */
  disk(): StoreImage;
}

/** What a rig may be told to do differently. */
export interface RigOptions {
  readonly image?: StoreImage;
  readonly limits?: Partial<Limits>;
  readonly relay?: Partial<RelayOptions>;
  /** Wraps the store, to make it fail or to look at it. */
  readonly around?: (store: Store) => Store;
}

/** Starts a relay in memory. It is open to new realms unless told otherwise. */
export async function relayRig(options: RigOptions = {}): Promise<Rig> {
  const memory = memoryStore(options.image);
  const store = options.around?.(memory) ?? memory;
  const realms = await openRealms(store);
  const clock = testClock(RIG_NOW);
  const counts = newCounts();
  const events: RelayEvent[] = [];
  const relay = relayOver({
    ...{ store, realms, clock, counts, crypto: nodeCrypto, random: seededRandom(7) },
    ...{ policy: 'open', registerToken: null, time: null, limits: { ...DEFAULT_LIMITS, ...options.limits } },
    note: (event) => void events.push(event),
    ...options.relay,
  });
  const count: Rig['count'] = (name, label = '') => counts.read().get(name)?.get(label) ?? 0;
  return { relay, store, realms, clock, counts, events, count, disk: () => memory.snapshot() };
}

/** A peer whose frames a test reads. */
export interface FakePeer extends Peer {
  readonly frames: Uint8Array[];
  closed: CloseReason | null;
  /** What `queued` says: a peer that does not read. */
  stuck: number;
  readonly throttles: boolean[];
}

/** A peer that takes everything at once. */
export function fakePeer(address = '192.0.2.1'): FakePeer {
  const peer: FakePeer = {
    ...{ address, frames: [], closed: null, stuck: 0, throttles: [] },
    send: (frame) => void peer.frames.push(frame),
    queued: () => peer.stuck,
    drained: async () => undefined,
    throttle: (stop) => void peer.throttles.push(stop),
    close(reason) {
      peer.closed ??= reason;
    },
  };
  return peer;
}

/** What a connection asks for when a test says no more. */
export function requestFor(room: string, more: Partial<Request> = {}): Request {
  return { room, token: null, register: null, hello: false, ...more };
}

/** The messages that a peer got. */
export function messagesTo(peer: FakePeer): readonly Message[] {
  return peer.frames.map((frame) => {
    const message = decodeMessage(frame, frame.length);
    if (!message.ok) throw new Error(`expected a message from the relay, got ${message.reason}`);
    return message.value;
  });
}

/** The notices that a peer got. */
export function noticesTo(peer: FakePeer): readonly Notice[] {
  return messagesTo(peer).flatMap((message) => {
    if (message.type !== 'notice') return [];
    const notice = decodeNotice(message.body);
    if (!notice.ok) throw new Error(`expected a notice, got ${notice.reason}`);
    return [notice.value];
  });
}

/** The hellos that a peer got. */
export function hellosTo(peer: FakePeer): readonly Hello[] {
  return messagesTo(peer).flatMap((message) => {
    if (message.type !== 'hello') return [];
    const hello = decodeHello(message.body);
    if (!hello.ok) throw new Error(`expected a hello, got ${hello.reason}`);
    return [hello.value];
  });
}

/** The runs of records that a peer got, in order. */
export function runsTo(peer: FakePeer): readonly Run[] {
  return messagesTo(peer).flatMap((message) => {
    if (message.type !== 'step2' && message.type !== 'update') return [];
    const runs = parseAppend(message.update);
    if (!runs.ok) throw new Error(`expected the append profile, got ${runs.reason}`);
    return runs.value;
  });
}

/** A frame that offers these runs. */
export function updateFrame(...runs: readonly Run[]): Uint8Array {
  return encodeMessage({ type: 'update', update: encodeAppend(runs) });
}

/** A frame that asks for what one lacks. */
export function questionFrame(have: ReadonlyMap<LogId, number> = new Map()): Uint8Array {
  return encodeMessage({ type: 'step1', stateVector: encodeStateVector(have) });
}

/** Registers a realm by bringing all its records over the wire, and leaves. */
export async function register(rig: Rig, realm: TestRealm): Promise<void> {
  const peer = fakePeer();
  rig.relay.connect(peer, requestFor(realm.id));
  rig.relay.receive(peer, updateFrame(...realm.runs()));
  await rig.relay.idle();
  rig.relay.disconnect(peer);
}

/** Connects as the holder of a log: answers the challenge and asks for everything. */
export async function enterAs(...as: Parameters<typeof greetAs>): Promise<FakePeer> {
  const [rig] = as;
  const peer = await greetAs(...as);
  rig.relay.receive(peer, questionFrame());
  await rig.relay.idle();
  return peer;
}

/** Connects as the holder of a log: answers the challenge, and asks for nothing. */
export async function greetAs(
  rig: Rig,
  realm: Pick<TestRealm, 'id' | 'signerOf'>,
  log: LogId,
  protocol = 1,
): Promise<FakePeer> {
  const peer = fakePeer();
  rig.relay.connect(peer, requestFor(realm.id));
  await rig.relay.idle();
  const [challenge] = hellosTo(peer);
  if (challenge?.type !== 'challenge') throw new Error('expected a challenge');
  const signature = await realm.signerOf(log).sign(helloBytes(realm.id, challenge.nonce));
  const body = encodeHello({ type: 'answer', log, signature, protocol });
  rig.relay.receive(peer, encodeMessage({ type: 'hello', body }));
  return peer;
}
