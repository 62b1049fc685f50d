import type { Hash, LogId } from '../units.ts';
import type { Verified, VerifiedRecord } from '../verify/record.ts';

/** A record that moves seats. */
export type SeatMove = Verified<'transfer'> | Verified<'accept'> | Verified<'surrender'>;

/** Seats that came to a log by a transfer and are still its own. */
interface Credit {
  readonly transfer: Verified<'transfer'>;
  readonly owner: LogId;
  seats: number;
}

/** Why a move counts for nothing. */
export type VoidReason = 'too-few-seats' | 'not-ones-own' | 'moved-already' | 'log-ended' | 'nothing-there';

/** What the fold needs to know from outside: lots and the ends of logs. */
export interface SeatFacts {
  /** A log's lot of a feature under a version and in a class; undefined while the version is not known. */
  lotOf(version: Hash, log: LogId, hostClass: string, feature: string): number | undefined;
  /** The first seq of a log that no longer counts, or null. */
  endOf(log: LogId): number | null;
}

/**
 * Where seats have gone, by the logs alone (DESIGN: seats). Each log is folded in its own order, and a record that refers to
 * another waits for it, so every order of arrival ends in the same book.
 */
export interface SeatBook {
  /** Verdicts by record: null for a move that counts. */
  readonly verdicts: Map<Hash, VoidReason | null>;
  readonly moves: Map<Hash, SeatMove>;
  /** Seats that have left lots, by `ownSource`. */
  readonly left: Map<string, number>;
  /** By the transfer that brought them. */
  readonly credits: Map<Hash, Credit>;
  readonly creditsOf: Map<LogId, Set<Hash>>;
  /** What has been sent to a log and not accepted by it. */
  readonly offered: Map<LogId, Set<Hash>>;
  /** Requests that some transfer answers. */
  readonly answered: Set<Hash>;
  /** Moves of a log that wait for what the first of them refers to. */
  readonly queues: Map<LogId, SeatMove[]>;
  readonly waiting: Map<Hash, Set<LogId>>;
}

/** No seat has moved. */
export function emptySeatBook(): SeatBook {
  return {
    verdicts: new Map(),
    moves: new Map(),
    left: new Map(),
    credits: new Map(),
    creditsOf: new Map(),
    offered: new Map(),
    answered: new Set(),
    queues: new Map(),
    waiting: new Map(),
  };
}

/** Whether a record moves seats. Only its own signature lets it (DESIGN: records). */
export function isSeatMove(record: VerifiedRecord): record is SeatMove {
  const moves = record.type === 'transfer' || record.type === 'accept' || record.type === 'surrender';
  return moves && record.proven;
}

/** The lot that a transfer without a source draws on. */
export function ownSource(log: LogId, feature: string, hostClass: string, term: number): string {
  return `${log}/${feature}/${hostClass}/${term}`;
}

/** Takes a move, after all earlier ones of its log. */
export function addMove(book: SeatBook, move: SeatMove, facts: SeatFacts): void {
  const queue = book.queues.get(move.log);
  if (queue !== undefined) queue.push(move);
  else book.queues.set(move.log, [move]);
  if (queue === undefined) run(book, [move.log], facts);
}

/** Goes on where moves waited for a version that has become known. */
export function versionKnown(book: SeatBook, version: Hash, facts: SeatFacts): void {
  run(book, wake(book, version), facts);
}

// Iterative, for a seat may have passed through as many hands as there are records.
function run(book: SeatBook, logs: readonly LogId[], facts: SeatFacts): void {
  const ready = [...logs];
  for (let log = ready.pop(); log !== undefined; log = ready.pop()) {
    const queue = book.queues.get(log) ?? [];
    let done = 0;
    for (; done < queue.length; done++) {
      const move = queue[done];
      if (move === undefined) break;
      const verdict = settle(book, move, facts);
      if (typeof verdict === 'object' && verdict !== null) {
        const waiters = book.waiting.get(verdict.waitsFor) ?? new Set();
        book.waiting.set(verdict.waitsFor, waiters.add(log));
        break;
      }
      book.verdicts.set(move.hash, verdict);
      ready.push(...wake(book, move.hash));
    }
    if (done === queue.length) book.queues.delete(log);
    else queue.splice(0, done);
  }
}

function wake(book: SeatBook, awaited: Hash): readonly LogId[] {
  const logs = book.waiting.get(awaited) ?? [];
  book.waiting.delete(awaited);
  return [...logs];
}

type Verdict = VoidReason | null | { readonly waitsFor: Hash };

function settle(book: SeatBook, move: SeatMove, facts: SeatFacts): Verdict {
  const end = facts.endOf(move.log);
  // The attack: a host whose log was frozen or revoked goes on giving seats away.
  if (end !== null && move.seq >= end) return 'log-ended';
  switch (move.type) {
    case 'transfer':
      return settleTransfer(book, move, facts);
    case 'accept':
      return settleAccept(book, move);
    case 'surrender':
      return settleSurrender(book, move);
  }
}

function settleTransfer(book: SeatBook, move: Verified<'transfer'>, facts: SeatFacts): Verdict {
  const { class: hostClass, feature, of, request, seats, source, term, to } = move.body;
  if (to === move.log) return 'not-ones-own';
  if (source === null) {
    const lot = facts.lotOf(of, move.log, hostClass, feature);
    if (lot === undefined) return { waitsFor: of };
    const key = ownSource(move.log, feature, hostClass, term);
    const left = (book.left.get(key) ?? 0) + seats;
    // The attack: more seats than the lot has, given to as many hosts.
    if (left > lot) return 'too-few-seats';
    book.left.set(key, left);
  } else {
    const credit = book.credits.get(source);
    if (credit === undefined || credit.owner !== move.log || !isSameRight(credit.transfer, move)) {
      return 'not-ones-own';
    }
    if (credit.seats < seats) return 'too-few-seats';
    credit.seats -= seats;
  }
  book.moves.set(move.hash, move);
  offer(book, to, move.hash);
  if (request !== null) book.answered.add(request);
  return null;
}

// The attack: seats of a short term passed on as seats of a long one.
function isSameRight(a: Verified<'transfer'>, b: Verified<'transfer'>): boolean {
  const [x, y] = [a.body, b.body];
  return x.feature === y.feature && x.class === y.class && x.term === y.term && x.of === y.of;
}

function settleAccept(book: SeatBook, { body, log }: Verified<'accept'>): Verdict {
  const verdict = book.verdicts.get(body.of);
  if (verdict === undefined) return { waitsFor: body.of };
  const move = book.moves.get(body.of);
  if (verdict !== null || move === undefined) return 'nothing-there';
  // The attack: one transfer accepted twice, or by another than it was meant for.
  const offers = book.offered.get(log);
  if (offers?.delete(move.hash) !== true) return 'moved-already';
  if (offers.size === 0) book.offered.delete(log);
  if (move.type === 'transfer') credit(book, { transfer: move, owner: log, seats: move.body.seats });
  if (move.type === 'surrender') giveBack(book, move);
  return null;
}

function credit(book: SeatBook, added: Credit): void {
  book.credits.set(added.transfer.hash, added);
  const own = book.creditsOf.get(added.owner) ?? new Set();
  book.creditsOf.set(added.owner, own.add(added.transfer.hash));
}

function giveBack(book: SeatBook, { body }: Verified<'surrender'>): void {
  const transfer = book.moves.get(body.transfer);
  if (transfer?.type !== 'transfer') return;
  const { class: hostClass, feature, source, term } = transfer.body;
  if (source === null) {
    const key = ownSource(transfer.log, feature, hostClass, term);
    book.left.set(key, (book.left.get(key) ?? 0) - body.seats);
    return;
  }
  const from = book.credits.get(source);
  if (from !== undefined) from.seats += body.seats;
}

function settleSurrender(book: SeatBook, move: Verified<'surrender'>): Verdict {
  const { seats, transfer } = move.body;
  const held = book.credits.get(transfer);
  if (held === undefined || held.owner !== move.log) return 'not-ones-own';
  if (held.seats < seats) return 'too-few-seats';
  held.seats -= seats;
  book.moves.set(move.hash, move);
  offer(book, held.transfer.log, move.hash);
  return null;
}

function offer(book: SeatBook, to: LogId, move: Hash): void {
  const offers = book.offered.get(to) ?? new Set();
  book.offered.set(to, offers.add(move));
}
