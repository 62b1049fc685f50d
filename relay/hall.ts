import type { Clock, Crypto, Store } from '../core/ports.ts';
import { newestOf } from '../core/state/membership.ts';
import type { LogId } from '../core/units.ts';
import type { Stray } from '../core/verify/record.ts';
import { encodeAppend, NO_BASE } from '../core/wire/append.ts';
import { MAX_LOGS } from '../core/wire/bounds.ts';
import { encodeNotice } from '../core/wire/notice.ts';
import { type Presence, readPresence, writePresence } from '../core/wire/presence.ts';
import type { ConfigurationHead } from '../core/wire/roughtime-response.ts';
import { encodeStateVector, parseStateVector } from '../core/wire/state-vector.ts';
import { encodeMessage, type Message } from '../core/wire/sync.ts';
import { missingFrom } from './answer.ts';
import type { Counts } from './counts.ts';
import { type Limits, MAX_AHEAD_BYTES } from './limits.ts';
import type { Session } from './peer.ts';
import { presenceBoard } from './presence.ts';
import type { RealmEntry } from './realms.ts';
import { nextSeqs, type Room } from './room.ts';
import type { Stage } from './stage.ts';
import { straysOfRoom, strayUpdates } from './strays.ts';
import { type Turns, turnsOf } from './turns.ts';

/** What a room in use needs of the relay around it. */
interface HallOptions {
  readonly store: Store;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly counts: Counts;
  readonly limits: Limits;
  /** The entry of a realm whose genesis is about to be written; null for one that is registered. */
  registration(room: Room): RealmEntry | null;
  /** A turn has been committed to the room. */
  committed(hall: Hall, entry: RealmEntry | null): void;
  /** The store failed: the room has to be forgotten and everybody in it sent away. */
  failed(hall: Hall, error: unknown): void;
  /** Sends a peer away. */
  close(session: Session, reason: 'slow-reader' | 'bad-frame'): void;
}

/** A room in use: who is in it, what waits for its turn, who is present. */
export interface Hall {
  readonly room: Room;
  readonly sessions: ReadonlySet<Session>;
  readonly turns: Turns;
  enter(session: Session): void;
  leave(session: Session): void;
  /** Answers a state vector from the store, then asks for what the relay lacks; the peer is in step from then on. */
  answer(session: Session, stateVector: Uint8Array): void;
  /** Takes a reader's own presence and hands it on with others of this turn. */
  post(session: Session, states: Uint8Array): void;
  /** Tells a reader who is present. */
  showPresence(session: Session): void;
  send(session: Session, message: Message): void;
  /** The newest certified configuration, as signed time carries it. */
  head(): ConfigurationHead | null;
  /** Resolves when all turns and answers are done. */
  idle(): Promise<void>;
}

/** Puts a loaded room to use. */
export function hallOf(room: Room, options: HallOptions): Hall {
  const { store, counts, limits } = options;
  const sessions = new Set<Session>();
  const answers = new Set<Promise<void>>();
  const board = presenceBoard<Session>((session, client) => session.log === client);
  const news = new Map<number, Presence>();

  function sendFrame(session: Session, frame: Uint8Array): void {
    if (session.closed) return;
    // Whoever does not read must not make the relay hold everything that is written meanwhile.
    if (session.peer.queued() > limits.queueBytes) {
      options.close(session, 'slow-reader');
      return;
    }
    counts.add('message_bytes_total', frame.length, 'out');
    session.peer.send(frame);
  }

  function send(session: Session, message: Message): void {
    counts.add('messages_sent_total', 1, message.type);
    sendFrame(session, encodeMessage(message));
  }

  function* live(): Iterable<Session> {
    for (const session of sessions) if (session.live) yield session;
  }

  function tellForks(stage: Stage): void {
    for (const [log, { seq, bytes }] of stage.forked) {
      for (const session of live()) if (session.log !== null) tellFork(session, log, seq, bytes);
    }
    for (const session of live()) tellStrays(session, stage.strays);
  }

  /** Evidence of the history that a peer does not hold; its own it knows again. */
  function tellStrays(session: Session, strays: Iterable<Stray>): void {
    if (session.log === null) return;
    for (const update of strayUpdates(room, strays, limits.answerBytes))
      send(session, { type: 'update', update });
  }

  /** With both records in hand a peer can sign the proof, which a relay cannot. */
  function tellFork(session: Session, log: LogId, seq: number, bytes: Uint8Array): void {
    const body = encodeNotice({ code: 'fork', log, seq, text: `log ${log} has two records at ${seq}` });
    send(session, { type: 'notice', body });
    send(session, { type: 'update', update: encodeAppend([{ log, from: seq, records: [bytes] }]) });
  }

  const turns = turnsOf({
    ...{ room, store, counts, limits, crypto: options.crypto, clock: options.clock, live },
    send(session, frame) {
      counts.add('messages_sent_total', 1, 'turn');
      sendFrame(session, frame);
    },
    registration: () => options.registration(room),
    committed(stage, entry) {
      tellForks(stage);
      options.committed(hall, entry);
    },
    failed: (error) => options.failed(hall, error),
  });

  function reject(session: Session, reason: string): void {
    counts.add('message_rejected_total', 1, reason);
    options.close(session, 'bad-frame');
  }

  async function answerAll(session: Session): Promise<void> {
    session.answering = true;
    try {
      while (session.question !== null && !session.closed) {
        const question = session.question;
        session.question = null;
        await answerOne(session, question);
      }
    } catch (error) {
      options.failed(hall, error);
    } finally {
      session.answering = false;
    }
  }

  async function answerOne(session: Session, stateVector: Uint8Array): Promise<void> {
    // A realm may have grown elsewhere before it came here, so a peer may name more logs than the room has; only those
    // that it has are kept, or a reader's questions would take memory that no record has paid for.
    const parsed = parseStateVector(stateVector, MAX_LOGS, NO_BASE, (log) => room.heads.has(log));
    if (!parsed.ok) {
      reject(session, parsed.reason);
      return;
    }
    const have: Map<LogId, number> = parsed.value;
    // A client counts as synced at the first step 2, so that only the last frame is one.
    let last = encodeAppend([]);
    let sent = 0;
    for (let commits = -1; commits !== room.commits; ) {
      commits = room.commits;
      const upTo = nextSeqs(room);
      for await (const update of missingFrom(store, room, have, limits.answerBytes)) {
        if (session.closed) return;
        if (sent++ > 0) send(session, { type: 'update', update: last });
        last = update;
        if (session.peer.queued() > MAX_AHEAD_BYTES) await session.peer.drained();
      }
      for (const [log, next] of upTo) have.set(log, Math.max(next, have.get(log) ?? 0));
    }
    send(session, { type: 'step2', update: last });
    const first = !session.live;
    session.live = true;
    if (session.log !== null) {
      for (const [log, { seq, bytes }] of room.forks) tellFork(session, log, seq, bytes);
      tellStrays(session, straysOfRoom(room));
    }
    if (first) send(session, { type: 'step1', stateVector: encodeStateVector(nextSeqs(room)) });
  }

  function announce(entry: Presence): void {
    if (news.size === 0) setImmediate(spreadNews);
    news.set(entry.client, entry);
  }

  function spreadNews(): void {
    const frame = encodeMessage({ type: 'awareness', states: writePresence([...news.values()]) });
    news.clear();
    for (const session of sessions) {
      if (!session.reader) continue;
      counts.add('messages_sent_total', 1, 'awareness');
      sendFrame(session, frame);
    }
  }

  const hall: Hall = {
    ...{ room, sessions, turns, send },
    enter: (session) => void sessions.add(session),
    leave(session) {
      sessions.delete(session);
      session.live = false;
      const gone = board.leave(session);
      if (gone !== null) announce(gone);
    },
    answer(session, stateVector) {
      session.question = stateVector;
      if (session.answering) return;
      const answered = answerAll(session).finally(() => answers.delete(answered));
      answers.add(answered);
    },
    post(session, states) {
      const entries = readPresence(states);
      if (!entries.ok) {
        reject(session, entries.reason);
        return;
      }
      if (entries.value.length === 0) return;
      const own = board.post(session, entries.value, limits.presenceBytes);
      if (!own.ok) {
        counts.add('message_rejected_total', 1, own.reason);
        return;
      }
      const { entry, replaced } = own.value;
      announce(entry);
      // Others of this turn hear the newer word only: two agents with one key would not hear of each other.
      if (replaced !== null) send(session, { type: 'awareness', states: writePresence([replaced]) });
    },
    showPresence(session) {
      const all = board.all();
      if (all.length > 0) send(session, { type: 'awareness', states: writePresence(all) });
    },
    head() {
      if (room.membership.versions.length === 0) return null;
      const { generation, version, id } = newestOf(room.membership);
      return { generation, version, digest: id };
    },
    async idle() {
      await turns.idle();
      await Promise.all(answers);
    },
  };
  return hall;
}
