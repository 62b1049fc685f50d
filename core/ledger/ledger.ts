import type { Hash, LogId, PublicKey } from '../units.ts';
import type { HeldRecord, Known } from '../verify/known.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import { NO_STRAYS, type Strays } from './strays.ts';

/** Two records that one principal signed for the same place of its log. */
export interface Fork {
  readonly log: LogId;
  /** The first seq at which the histories differ, as far as is known. */
  readonly seq: number;
  readonly a: VerifiedRecord;
  readonly b: VerifiedRecord;
}

/** All verified records that a host has. It only grows; `add`, `addFork` and `addStray` are its only doors and change it in place. */
export interface Ledger {
  readonly realm: Hash;
  readonly logs: Map<LogId, VerifiedRecord[]>;
  readonly forks: Map<LogId, Fork>;
  /** Licence codes in its drafts whose signatures have been verified: those who read the drafts have no crypto. */
  readonly grants: Set<string>;
  /** Evidence of other histories of forked logs than those in `logs`. */
  readonly strays: Strays;
  size: number;
}

/** What became of a record offered to the ledger. */
type AddOutcome = 'added' | 'known' | 'gap' | 'fork';

/** A ledger of a realm, without records. */
export function emptyLedger(realm: Hash): Ledger {
  return { realm, logs: new Map(), forks: new Map(), grants: new Set(), strays: new Map(), size: 0 };
}

/** Adds a record at the end of its log; any other place is answered, not changed. */
export function add(ledger: Ledger, record: VerifiedRecord): AddOutcome {
  const log = ledger.logs.get(record.log) ?? [];
  const held = log[record.seq];
  if (held !== undefined) return held.hash === record.hash ? 'known' : 'fork';
  if (record.seq !== log.length) return 'gap';
  if (log.length === 0) ledger.logs.set(record.log, log);
  log.push(record);
  // What was shown before the log had grown to it is no other history any more: a disk that is read again has it once, too.
  ledger.strays.get(record.log)?.delete(record.hash);
  if (record.type === 'draft') for (const code of record.grants) ledger.grants.add(code);
  ledger.size += 1;
  return 'added';
}

/** Keeps the proof that a log has two histories; of several, the earliest. True if this changed anything. */
export function addFork(ledger: Ledger, a: VerifiedRecord, b: VerifiedRecord): boolean {
  if (a.log !== b.log || a.seq !== b.seq || a.hash === b.hash || a.key !== b.key) return false;
  const held = ledger.forks.get(a.log);
  if (held !== undefined && held.seq <= a.seq) return false;
  ledger.forks.set(a.log, { log: a.log, seq: a.seq, a, b });
  return true;
}

/** The first seq of each log that this ledger lacks: its version vector, and the room's Yjs state vector. */
export function nextSeqs(ledger: Ledger): Map<LogId, number> {
  return new Map([...ledger.logs].map(([log, records]) => [log, records.length]));
}

/** The record at a place. */
export function recordAt(ledger: Ledger, log: LogId, seq: number): VerifiedRecord | undefined {
  return ledger.logs.get(log)?.[seq];
}

/** The newest record of a log. */
export function tipOf(ledger: Ledger, log: LogId): VerifiedRecord | undefined {
  return ledger.logs.get(log)?.at(-1);
}

/** The signing key of a log that has begun. */
export function keyOf(ledger: Ledger, log: LogId): PublicKey | undefined {
  return ledger.logs.get(log)?.[0]?.key;
}

/** What somebody with the given version vector lacks, as runs of records in log order. */
export function missing(
  ledger: Ledger,
  have: ReadonlyMap<LogId, number>,
): { readonly log: LogId; readonly from: number; readonly records: readonly Uint8Array[] }[] {
  const runs = [];
  for (const [log, records] of ledger.logs) {
    const from = have.get(log) ?? 0;
    if (from < records.length) {
      runs.push({ log, from, records: records.slice(from).map((record) => record.bytes) });
    }
  }
  return runs;
}

/** The view of this ledger that verifying needs; `vouchers` say who may begin a log, which are frozen, and what is proposed. */
export function knownTo(
  ledger: Ledger,
  vouchers: Pick<Known, 'named' | 'invitations' | 'frozenAt' | 'awaits'>,
): Known {
  return {
    realm: ledger.realm,
    tip: (log) => toHeld(tipOf(ledger, log)),
    at: (log, seq) => toHeld(recordAt(ledger, log, seq)),
    strays: (log) => ledger.strays.get(log) ?? NO_STRAYS,
    ...vouchers,
  };
}

function toHeld(record: VerifiedRecord | undefined): HeldRecord | undefined {
  if (record === undefined) return undefined;
  const { bytes, hash, key, seq } = record;
  return { bytes, hash, key, seq, part: record.type === 'part' ? record.body.data : null };
}
