import type { Effect } from '../engine/effect.ts';
import type { Fork } from '../ledger/ledger.ts';
import type { StoreWrite } from '../ports.ts';
import type { LogId } from '../units.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import { writeFork, writeRecord, writeStray } from './record-store.ts';

/** What a turn of inputs comes to: what goes to disk as one batch, and what is seen outside only after that. */
export interface Turn {
  readonly writes: Map<string, StoreWrite>;
  /** Records of this host's own log, in order. */
  readonly own: VerifiedRecord[];
  readonly after: Effect[];
}

/** A turn in which nothing has happened yet. */
export function emptyTurn(): Turn {
  return { writes: new Map(), own: [], after: [] };
}

/** Has the turn keep records; those of the host's own log are published with it. */
export function keep(turn: Turn, records: readonly VerifiedRecord[], log: LogId): void {
  for (const record of records) {
    const write = writeRecord(record);
    turn.writes.set(write.key, write);
    if (record.log === log) turn.own.push(record);
  }
}

/** Has the turn keep what shows that a log has two histories: the host may not be able to prove it to others yet. */
export function keepFork(turn: Turn, { a, b }: Fork): void {
  const write = writeFork(a, b);
  turn.writes.set(write.key, write);
}

/** Has the turn keep records of other histories of forked logs. */
export function keepStrays(turn: Turn, strays: readonly Stray[]): void {
  for (const stray of strays) {
    const write = writeStray(stray);
    turn.writes.set(write.key, write);
  }
}

/** Adds what effects write and what comes after; gives those that want a record signed first. */
export function collect(
  turn: Turn,
  effects: readonly Effect[],
): readonly Extract<Effect, { kind: 'append' }>[] {
  const appends: Extract<Effect, { kind: 'append' }>[] = [];
  for (const effect of effects) {
    if (effect.kind === 'append') appends.push(effect);
    else if (effect.kind === 'write') for (const write of effect.writes) turn.writes.set(write.key, write);
    else turn.after.push(effect);
  }
  return appends;
}
