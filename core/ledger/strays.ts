import type { Hash, LogId } from '../units.ts';
import type { Known } from '../verify/known.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import { isEvidence, strayRoom } from '../verify/stray-room.ts';
import { MAX_STRAY_BYTES, MAX_STRAY_RECORDS } from '../wire/bounds.ts';
import type { Ledger } from './ledger.ts';

/** Records of other histories of forked logs, by log and hash. */
export type Strays = Map<LogId, Map<Hash, Stray>>;

/** Where nothing is kept. */
export const NO_STRAYS: ReadonlyMap<Hash, Stray> = new Map();

/** Keeps a stray, for which verifying has found room. */
export function addStray(strays: Strays, stray: Stray): void {
  const { hash, log } = stray.record;
  const kept = strays.get(log) ?? new Map<Hash, Stray>();
  strays.set(log, kept.set(hash, stray));
}

/** How many records of other histories a ledger keeps. */
export function countStrays({ strays }: Ledger): number {
  return [...strays.values()].reduce((sum, kept) => sum + kept.size, 0);
}

/** What somebody who holds another history of a log than this ledger may lack of it. */
interface LooseEnds {
  /** The records that are known for the place where the histories part, the ledger's own first. */
  readonly parting: readonly Uint8Array[];
  /** What is known after that place of every history, with its parts: no run, but records to be judged each for itself. */
  readonly histories: readonly Uint8Array[];
}

/** The loose ends of a log whose histories part at `end`; of what the ledger holds of it, only the first `kept` records count. */
export function looseEnds(
  ledger: Ledger,
  log: LogId,
  end: number,
  { awaits, kept }: { readonly awaits: Known['awaits']; readonly kept: number },
): LooseEnds {
  const records = (ledger.logs.get(log) ?? []).slice(0, kept);
  const { a, b } = ledger.forks.get(log) ?? {};
  const parting = new Map<Hash, Uint8Array>();
  for (const record of [records[end], a, b]) {
    if (record?.seq === end) parting.set(record.hash, record.bytes);
  }
  const strays = [...(ledger.strays.get(log)?.values() ?? [])].sort((x, y) => x.record.seq - y.record.seq);
  return {
    parting: [...parting.values()],
    histories: [
      ...shownOf(records, end, awaits).map(({ bytes }) => bytes),
      ...strays.flatMap(({ parts, record }) => [...parts, record.bytes]),
    ],
  };
}

/** What is shown of a history from a place on: all for a while, after that the evidence. */
function shownOf(
  records: readonly VerifiedRecord[],
  end: number,
  awaits: Known['awaits'],
): readonly VerifiedRecord[] {
  const shown = new Set<number>();
  const room = strayRoom(NO_STRAYS, awaits);
  let bytes = 0;
  for (const record of records.slice(end)) {
    bytes += record.bytes.length;
    // The rest is for the others' histories.
    const isLink = record.seq < end + MAX_STRAY_RECORDS / 2 && bytes <= MAX_STRAY_BYTES / 2;
    if (!isLink && !(isEvidence(record) && room.forEvidence(record))) continue;
    room.take(record);
    for (let seq = record.seq - 1; records[seq]?.type === 'part'; seq--) shown.add(seq);
    shown.add(record.seq);
  }
  return [...shown].sort((a, b) => a - b).flatMap((seq) => records[seq] ?? []);
}
