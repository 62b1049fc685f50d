import { isFault } from '../core/errors.ts';
import type { Clock, Crypto, Store } from '../core/ports.ts';
import type { LogId } from '../core/units.ts';
import { encodeAppend, type Run } from '../core/wire/append.ts';
import { encodeNotice, type NoticeCode } from '../core/wire/notice.ts';
import { encodeMessage } from '../core/wire/sync.ts';
import type { Counts } from './counts.ts';
import { type IntakeReason, type Offer, offerOf, takeAll } from './intake.ts';
import { type Limits, MAX_REMARKS, MAX_TURN_BYTES, MAX_WAITING_BYTES } from './limits.ts';
import type { Session } from './peer.ts';
import { entryWrite, type RealmEntry } from './realms.ts';
import type { Room } from './room.ts';
import { commit, emptyStage, finish, type Stage } from './stage.ts';

/** What the turns of a room need of the relay around it. */
interface TurnsOptions {
  readonly room: Room;
  readonly store: Store;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly counts: Counts;
  readonly limits: Limits;
  /** Those who have all that the room holds. */
  live(): Iterable<Session>;
  /** Sends a frame, or cuts a peer that reads too slowly. */
  send(session: Session, frame: Uint8Array): void;
  /** The entry of the realm that this turn begins, to be written with its genesis. */
  registration(): RealmEntry | null;
  /** A turn has been committed. */
  committed(stage: Stage, entry: RealmEntry | null): void;
  /** A turn could not be written: what the room holds in memory may be ahead of the disk. */
  failed(error: unknown): void;
}

/** Updates that arrive in one turn of the event loop: verified per log together, written in one synced batch, sent in one frame per peer. */
export interface Turns {
  offer(session: Session, runs: readonly Run[], bytes: number): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface Update {
  readonly session: Session;
  readonly offers: readonly Offer[];
  readonly bytes: number;
}

/** The turns of one room. While a batch is being written, what arrives waits and makes the next one. */
export function turnsOf(options: TurnsOptions): Turns {
  const queue: Update[] = [];
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      while (queue.length > 0) await takeTurn(options, nextTurn(queue));
    } catch (error) {
      queue.length = 0;
      options.counts.add('db_errors_total', 1, isFault(error) ? error.code : 'unexpected');
      options.failed(error);
    } finally {
      running = null;
    }
  }

  return {
    offer(session, runs, bytes) {
      queue.push({ session, offers: runs.map(offerOf), bytes });
      const before = session.waitingBytes;
      session.waitingBytes += bytes;
      // Reading on while nothing is written would let one sender grow the relay without bound.
      if (before <= MAX_WAITING_BYTES && session.waitingBytes > MAX_WAITING_BYTES)
        session.peer.throttle(true);
      running ??= run();
    },
    async idle() {
      while (running !== null) await running;
    },
  };
}

function nextTurn(queue: Update[]): readonly Update[] {
  let bytes = 0;
  const count = queue.findIndex((update) => {
    bytes += update.bytes;
    return bytes > MAX_TURN_BYTES;
  });
  return queue.splice(0, count < 0 ? queue.length : Math.max(1, count));
}

async function takeTurn(options: TurnsOptions, updates: readonly Update[]): Promise<void> {
  const { room, store, crypto, clock, counts, limits } = options;
  const stage = emptyStage(room, store, clock.wall(), limits.quota);
  const offers = updates.flatMap((update) => update.offers);
  await takeAll(stage, offers, crypto);
  const runs = finish(stage);
  if (stage.writes.length > 0) {
    const entry = options.registration();
    if (entry !== null) stage.writes.push(entryWrite(entry));
    await store.batch(stage.writes);
    commit(stage);
    counts.add('turns_total');
    counts.add(
      'records_stored_total',
      runs.reduce((sum, { records }) => sum + records.length, 0),
    );
    counts.add('forks_total', stage.forked.size);
    options.committed(stage, entry);
    broadcast(options, runs, updates);
  }
  report(options, updates);
}

/** One frame, encoded once, for everybody in step; whoever brought all of it needs no echo. */
function broadcast(options: TurnsOptions, runs: readonly Run[], updates: readonly Update[]): void {
  if (runs.length === 0) return;
  const first = updates[0]?.session;
  const only = updates.every(({ session }) => session === first) ? first : undefined;
  let frame: Uint8Array | null = null;
  for (const session of options.live()) {
    if (session === only) continue;
    frame ??= encodeMessage({ type: 'update', update: encodeAppend(runs) });
    options.send(session, frame);
  }
}

/** Tells each sender what is kept now, and what was refused and why. */
function report(options: TurnsOptions, updates: readonly Update[]): void {
  const bySession = new Map<Session, Offer[]>();
  for (const { session, offers, bytes } of updates) {
    const list = bySession.get(session) ?? [];
    for (const offer of offers) list.push(offer);
    bySession.set(session, list);
    session.waitingBytes -= bytes;
    if (session.waitingBytes + bytes > MAX_WAITING_BYTES && session.waitingBytes <= MAX_WAITING_BYTES) {
      session.peer.throttle(false);
    }
  }
  for (const [session, offers] of bySession) {
    const heads = new Map<LogId, number>();
    let remarks = 0;
    for (const { run, verdict } of offers) {
      const { refused } = verdict;
      const head = options.room.heads.get(run.log);
      if (head !== undefined && (refused === null || refused.seq > run.from)) heads.set(run.log, head.next);
      if (refused === null) continue;
      options.counts.add('message_rejected_total', 1, refused.reason);
      if (session.log === null || remarks++ >= MAX_REMARKS) continue;
      const text = refused.detail === undefined ? refused.reason : `${refused.reason}: ${refused.detail}`;
      const remark = { code: codeOf(refused.reason), log: run.log, seq: refused.seq, text };
      options.send(session, encodeMessage({ type: 'notice', body: encodeNotice(remark) }));
    }
    if (session.log === null || heads.size === 0) continue;
    const body = encodeNotice({ code: 'confirmed', durable: 'synced', heads });
    options.send(session, encodeMessage({ type: 'notice', body }));
  }
}

function codeOf(reason: IntakeReason): NoticeCode {
  switch (reason) {
    case 'gap':
    case 'fork':
    case 'quota':
      return reason;
    case 'log-ended':
      return 'revoked';
    default:
      return 'refused-record';
  }
}
