import type { Hash } from '../core/units.ts';
import { parseAppend } from '../core/wire/append.ts';
import type { CloseReason } from '../core/wire/close-codes.ts';
import { type Answer, commonProtocol, decodeHello, encodeHello } from '../core/wire/hello.ts';
import { encodeStateVector } from '../core/wire/state-vector.ts';
import { decodeMessage, type Message } from '../core/wire/sync.ts';
import { challengeFor, objectionTo, refusalAt } from './door.ts';
import { type Hall, hallOf } from './hall.ts';
import { MAX_WAITING_BYTES, takeToken } from './limits.ts';
import { newSession, type Peer, type Session } from './peer.ts';
import type { RealmEntry } from './realms.ts';
import type { Relay, RelayOptions } from './relay.ts';
import { emptyRoom, loadRoom, type Room, realmOfRoom } from './room.ts';

/** Starts a relay over an open store. */
export function relayOver(options: RelayOptions): Relay {
  const { clock, counts, limits, realms } = options;
  const sessions = new Map<Peer, Session>();
  const halls = new Map<string, Hall>();
  const loading = new Map<string, Promise<Hall | null>>();
  const early = new Map<Session, { readonly frames: Uint8Array[]; bytes: number }>();
  const work = new Set<Promise<void>>();
  const closedRooms = new Set<string>();

  function close(session: Session, reason: CloseReason): void {
    if (session.closed) return;
    session.peer.close(reason);
    end(session, reason);
  }

  function end(session: Session, reason: string): void {
    const { room } = session.request;
    session.closed = true;
    sessions.delete(session.peer);
    early.delete(session);
    counts.add('peer_disconnects_total', 1, reason);
    options.note({ event: 'peer-out', room, address: session.peer.address, reason });
    const hall = halls.get(room);
    hall?.leave(session);
    // A name that nobody has registered must not keep memory.
    if (hall !== undefined && hall.sessions.size === 0 && isNew(hall.room)) halls.delete(room);
  }

  function reject(session: Session, reason: CloseReason, why: string): void {
    counts.add('message_rejected_total', 1, why);
    close(session, reason);
  }

  function track(job: Promise<void>): void {
    const tracked = job
      .catch((error) => options.note({ event: 'failed', room: '', error }))
      .finally(() => work.delete(tracked));
    work.add(tracked);
  }

  async function open(name: string, realm: Hash): Promise<Hall | null> {
    try {
      const known = realms.find(realm) !== undefined;
      const room = known
        ? await loadRoom(options.store, name, realm, options.crypto)
        : emptyRoom(name, realm);
      const hall = hallOf(room, { ...options, registration, committed, failed, close });
      halls.set(name, hall);
      return hall;
    } catch (error) {
      counts.add('db_errors_total', 1, 'load');
      options.note({ event: 'failed', room: name, error });
      return null;
    }
  }

  function failed(hall: Hall, error: unknown): void {
    options.note({ event: 'failed', room: hall.room.name, error });
    if (halls.get(hall.room.name) === hall) halls.delete(hall.room.name);
    for (const session of [...hall.sessions]) {
      hall.leave(session);
      close(session, 'failure');
    }
  }

  /** The entry of a realm whose genesis is about to be written. */
  function registration(room: Room): RealmEntry | null {
    if (isNew(room) || realms.find(room.realm) !== undefined) return null;
    const name = room.membership.versions[0]?.message ?? '';
    return { realm: room.realm, name, added: clock.wall(), token: null };
  }

  function committed(hall: Hall, entry: RealmEntry | null): void {
    if (entry === null) return;
    realms.remember(entry);
    options.note({ event: 'realm-registered', room: hall.room.name });
    for (const session of hall.sessions) {
      const answer = session.early;
      session.early = null;
      if (answer !== null) track(judge(hall, session, answer));
    }
  }

  function welcomeIn(hall: Hall, session: Session): void {
    const { request } = session;
    hall.enter(session);
    if (!session.reader || request.hello) {
      hall.send(session, { type: 'hello', body: challengeFor(session, options.time?.key ?? null) });
    }
    // A stranger is told nothing of a room; that this one is empty is no news.
    if (isNew(hall.room)) hall.send(session, { type: 'step1', stateVector: encodeStateVector(new Map()) });
    if (session.reader) hall.showPresence(session);
    const waiting = early.get(session);
    early.delete(session);
    if (waiting === undefined) return;
    if (waiting.bytes > MAX_WAITING_BYTES) session.peer.throttle(false);
    for (const bytes of waiting.frames) take(hall, session, bytes);
  }

  /** Keeps a frame until the room is loaded, and reads no further from whoever sends more than may wait. */
  function keepEarly(session: Session, bytes: Uint8Array): void {
    const waiting = early.get(session);
    if (waiting === undefined) return;
    waiting.frames.push(bytes);
    const before = waiting.bytes;
    waiting.bytes += bytes.length;
    if (before <= MAX_WAITING_BYTES && waiting.bytes > MAX_WAITING_BYTES) session.peer.throttle(true);
  }

  function take(hall: Hall, session: Session, bytes: Uint8Array): void {
    if (session.closed) return;
    const message = decodeMessage(bytes, limits.frameBytes);
    if (message.ok) {
      counts.add('messages_received_total', 1, message.value.type);
      dispatch(hall, session, message.value);
    } else {
      reject(session, message.reason === 'too-large' ? 'too-large' : 'bad-frame', message.reason);
    }
  }

  function dispatch(hall: Hall, session: Session, message: Message): void {
    switch (message.type) {
      case 'step1':
        if (session.reader) hall.answer(session, message.stateVector);
        else session.question = message.stateVector;
        break;
      case 'step2':
      case 'update':
        takeUpdate(hall, session, message.update);
        break;
      case 'awareness':
        if (session.reader) hall.post(session, message.states);
        break;
      case 'query-awareness':
        if (session.reader) hall.showPresence(session);
        break;
      case 'hello':
        takeHello(hall, session, message.body);
        break;
      case 'time':
        options.time?.desk.ask(message.body, hall.head(), (body) => {
          if (body !== null) hall.send(session, { type: 'time', body });
        });
        break;
      case 'notice':
        reject(session, 'bad-frame', 'notice-to-relay');
        break;
    }
  }

  function takeUpdate(hall: Hall, session: Session, update: Uint8Array): void {
    const runs = parseAppend(update);
    // General Yjs updates can delete what others wrote or silence them: whoever sends one is not let go on.
    if (!runs.ok) reject(session, 'refused-update', runs.reason);
    else if (runs.value.length > 0) hall.turns.offer(session, runs.value, update.length);
  }

  function takeHello(hall: Hall, session: Session, body: Uint8Array): void {
    const hello = decodeHello(body);
    const answer = hello.ok && hello.value.type === 'answer' ? hello.value : null;
    if (answer === null) {
      reject(session, 'bad-frame', hello.ok ? 'unexpected-hello' : hello.reason);
    } else if (commonProtocol({ min: answer.protocol, max: answer.protocol }) === null) {
      reject(session, 'protocol-version', 'protocol-version');
    } else {
      session.answered = true;
      if (isNew(hall.room)) session.early = answer;
      else track(judge(hall, session, answer));
    }
  }

  async function judge(hall: Hall, session: Session, answer: Answer): Promise<void> {
    const objection = await objectionTo(hall.room, session, answer, options.crypto);
    if (session.closed) return;
    if (objection !== null) {
      counts.add('auth_failures_total', 1, objection);
      close(session, objection);
      return;
    }
    session.log = answer.log;
    hall.send(session, { type: 'hello', body: encodeHello({ type: 'welcome', protocol: answer.protocol }) });
    if (session.reader) return;
    session.reader = true;
    hall.showPresence(session);
    if (session.question !== null) hall.answer(session, session.question);
  }

  function enter(session: Session, name: string, realm: Hash): void {
    const hall = halls.get(name);
    if (hall !== undefined) {
      welcomeIn(hall, session);
      return;
    }
    early.set(session, { frames: [], bytes: 0 });
    const opening = loading.get(name) ?? open(name, realm).finally(() => loading.delete(name));
    loading.set(name, opening);
    const entering = opening.then((opened) => {
      if (session.closed) return;
      if (opened === null) close(session, 'failure');
      else welcomeIn(opened, session);
    });
    track(entering);
  }

  return {
    sessions,
    halls,
    connect(peer, request) {
      const realm = realmOfRoom(request.room);
      const refusal = realm === null ? 'unknown-room' : refusalAt(options, realm, request);
      counts.add('peer_connections_total', 1, refusal ?? 'accepted');
      if (realm === null || refusal !== null) {
        if (refusal === 'not-authenticated') counts.add('auth_failures_total', 1, 'token');
        peer.close(refusal ?? 'unknown-room');
        return;
      }
      if (closedRooms.has(request.room)) return peer.close('failure');
      options.note({ event: 'peer-in', room: request.room, address: peer.address });
      const nonce = options.random.bytes(32);
      const session = newSession(peer, request, nonce, limits.framesPerSecond, clock.running());
      // Only a registered realm has a token to compare with: what came along with a new one proves nothing.
      session.reader = request.token !== null && realms.find(realm) !== undefined;
      sessions.set(peer, session);
      enter(session, request.room, realm);
    },
    receive(peer, bytes) {
      const session = sessions.get(peer);
      if (session === undefined) return;
      counts.add('message_bytes_total', bytes.length, 'in');
      if (!takeToken(session.bucket, limits.framesPerSecond, clock.running)) {
        reject(session, 'rate-limit', 'rate');
        return;
      }
      // Whoever brings a realm cannot be judged before its genesis is in, and goes on with a history of any length.
      if (!session.reader && !session.answered) session.strangerBytes += bytes.length;
      if (session.strangerBytes > limits.helloBytes) {
        reject(session, 'not-authenticated', 'stranger-bytes');
        return;
      }
      const hall = halls.get(session.request.room);
      if (hall?.sessions.has(session)) take(hall, session, bytes);
      else keepEarly(session, bytes);
    },
    disconnect(peer) {
      const session = sessions.get(peer);
      if (session !== undefined) end(session, 'gone');
    },
    sweep() {
      const now = clock.running();
      for (const session of sessions.values()) {
        if (!session.reader && now - session.since > limits.helloSeconds) close(session, 'hello-timeout');
      }
    },
    async idle() {
      do {
        await Promise.all([...loading.values(), ...work]);
        await Promise.all([...halls.values()].map((hall) => hall.idle()));
        await options.time?.desk.idle();
      } while (loading.size + work.size > 0);
    },
    shutDown() {
      for (const session of [...sessions.values()]) close(session, 'shutting-down');
    },
    async emptied(realm, task) {
      closedRooms.add(realm);
      try {
        for (const session of [...sessions.values()]) {
          if (session.request.room === realm) close(session, 'failure');
        }
        await loading.get(realm);
        // What the room has taken already is written first, so that nothing is written behind the work's back.
        await halls.get(realm)?.idle();
        halls.delete(realm);
        return await task();
      } finally {
        closedRooms.delete(realm);
      }
    },
  };
}

function isNew(room: Room): boolean {
  return room.membership.versions.length === 0;
}
