import type { Ledger } from '../ledger/ledger.ts';
import type { LogId } from '../units.ts';
import { admit, cloneDraft, type Draft, draftState, emptyDraft } from './drafts.ts';

/** The draft document up to a place in each log. */
export interface DraftFold {
  readonly draft: Draft;
  /** log → first seq that has not been folded. */
  readonly cursors: Map<LogId, number>;
}

/** How far a log may be folded: 0 for one whose author may not edit. */
export type FoldLimit = (log: LogId) => number;

/** Nothing folded. */
export function emptyFold(): DraftFold {
  return { draft: emptyDraft(), cursors: new Map() };
}

/** A fold of its own that continues from the same place. */
export function branchFold(fold: DraftFold): DraftFold {
  return { draft: cloneDraft(fold.draft), cursors: new Map(fold.cursors) };
}

/**
 * Folds the draft records of the given logs up to their limits: a record waits for what it builds on, and one that breaks
 * the draft's rules is inert (DESIGN: configuration). The order of the logs leaves no trace, since whether a record is
 * admitted depends on nothing but itself and what it builds on.
 * True if anything was admitted.
 */
export function foldDrafts(
  fold: DraftFold,
  ledger: Ledger,
  logs: Iterable<LogId>,
  limit: FoldLimit,
): boolean {
  const pending = [...logs];
  const growing = new Set(pending);
  const isOver = (log: LogId) => !growing.has(log) || (fold.cursors.get(log) ?? 0) >= limit(log);
  let admitted = false;
  for (let moved = true; moved; ) {
    moved = false;
    for (const log of pending) {
      const step = foldLog(fold, ledger, log, limit(log), isOver);
      moved ||= step.moved;
      admitted ||= step.admitted;
    }
  }
  return admitted;
}

function foldLog(
  fold: DraftFold,
  ledger: Ledger,
  log: LogId,
  limit: number,
  isOver: (log: LogId) => boolean,
): { readonly moved: boolean; readonly admitted: boolean } {
  const records = ledger.logs.get(log) ?? [];
  const start = fold.cursors.get(log) ?? 0;
  let cursor = start;
  let admitted = false;
  while (cursor < Math.min(limit, records.length)) {
    const record = records[cursor];
    if (record?.type === 'draft') {
      const { update, base } = record.body;
      const verdict = admit(fold.draft, { log, update, base });
      if (!verdict.ok && verdict.reason === 'missing-base' && !lacksForEver(fold, log, base, isOver)) break;
      admitted ||= verdict.ok;
    }
    cursor += 1;
  }
  if (cursor > start) fold.cursors.set(log, cursor);
  return { moved: cursor > start, admitted };
}

// Whoever built on the drafts of an editor that was shut out since would wait for them with all that follows in its log.
function lacksForEver(
  fold: DraftFold,
  author: LogId,
  base: ReadonlyMap<LogId, number>,
  isOver: (log: LogId) => boolean,
): boolean {
  const have = draftState(fold.draft);
  return [...base].some(([log, units]) => log !== author && units > (have.get(log) ?? 0) && isOver(log));
}

/**
 * Whether a fold has just the drafts up to a frontier, whatever else of the logs it has passed: it then is what folding to
 * that frontier would make, for a draft's admission depends on nothing but itself and what it builds on.
 */
export function isAt(fold: DraftFold, ledger: Ledger, frontier: ReadonlyMap<LogId, number>): boolean {
  return [...new Set([...fold.cursors.keys(), ...frontier.keys()])].every((log) => {
    const [folded, next] = [fold.cursors.get(log) ?? 0, frontier.get(log) ?? 0];
    const records = ledger.logs.get(log) ?? [];
    for (let seq = Math.min(folded, next); seq < Math.max(folded, next); seq++) {
      if (records[seq]?.type === 'draft') return false;
    }
    return true;
  });
}

/** Whether every log of a frontier has been folded up to it. */
export function hasReached(fold: DraftFold, frontier: ReadonlyMap<LogId, number>): boolean {
  return [...frontier].every(([log, next]) => (fold.cursors.get(log) ?? 0) >= next);
}
