import type { Hash, LogId } from '../units.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_STRAYS } from '../wire/bounds.ts';
import type { Ledger } from './ledger.ts';

/** Evidence of other histories of forked logs, by log and hash. */
export type Strays = Map<LogId, Map<Hash, Stray>>;

/** Where nothing is kept. */
export const NO_STRAYS: ReadonlyMap<Hash, Stray> = new Map();

/** Keeps a stray; false if it is kept already, or there are as many of its type and log as are kept. */
export function addStray(strays: Strays, stray: Stray): boolean {
  const { hash, log, type } = stray.record;
  const kept = strays.get(log) ?? new Map<Hash, Stray>();
  const same = [...kept.values()].filter(({ record }) => record.type === type);
  if (kept.has(hash) || same.length >= MAX_STRAYS) return false;
  strays.set(log, kept.set(hash, stray));
  return true;
}

/** How much evidence of other histories a ledger keeps. */
export function countStrays({ strays }: Ledger): number {
  return [...strays.values()].reduce((sum, kept) => sum + kept.size, 0);
}

/** What somebody who holds another history of a log than this ledger may lack of it. */
interface LooseEnds {
  /** The records that are known for the place where the histories part, the ledger's own first. */
  readonly parting: readonly Uint8Array[];
  /** The evidence after that place, of every history, with its parts: no run, but records to be judged each for itself. */
  readonly evidence: readonly Uint8Array[];
}

/** The loose ends of a log whose histories part at `end`; of what the ledger holds of it, only the first `kept` records count. */
export function looseEnds(ledger: Ledger, log: LogId, end: number, kept: number): LooseEnds {
  const records = (ledger.logs.get(log) ?? []).slice(0, kept);
  const { a, b } = ledger.forks.get(log) ?? {};
  const parting = new Map<Hash, Uint8Array>();
  for (const record of [records[end], a, b]) {
    if (record?.seq === end) parting.set(record.hash, record.bytes);
  }
  const strays = [...(ledger.strays.get(log)?.values() ?? [])];
  const evidence = [...evidenceIn(records, end), ...strays];
  return {
    parting: [...parting.values()],
    evidence: evidence.flatMap(({ parts, record }) => [...parts, record.bytes]),
  };
}

/** The evidence that a history holds from a place on. */
function evidenceIn(records: readonly VerifiedRecord[], end: number): readonly Stray[] {
  const found: Stray[] = [];
  const counts = new Map<string, number>();
  for (const record of records.slice(end)) {
    if (!SELF_CONTAINED.has(record.type) || record.type === 'inert' || !record.proven) continue;
    const count = (counts.get(record.type) ?? 0) + 1;
    counts.set(record.type, count);
    if (count <= MAX_STRAYS) found.push({ record, parts: partsBefore(records, record.seq) });
  }
  return found;
}

function partsBefore(records: readonly VerifiedRecord[], seq: number): readonly Uint8Array[] {
  let from = seq;
  while (records[from - 1]?.type === 'part') from -= 1;
  return records.slice(from, seq).map(({ bytes }) => bytes);
}
