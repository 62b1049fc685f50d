import type { Hash, LogId } from '../units.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import type { Ledger } from './ledger.ts';

/** The records of a log from its beginning on, as one of its histories has them. */
export type History = readonly VerifiedRecord[];

/**
 * What is known of a log's histories up to, not including, `next`: those that part at `parting` or later and have every
 * record from there on. Told apart by their last record, in an order that does not depend on which of them is held.
 */
export function historiesTo(ledger: Ledger, log: LogId, parting: number, next: number): readonly History[] {
  const held = ledger.logs.get(log) ?? [];
  const common = held.slice(0, parting);
  const root = common.at(-1)?.hash;
  const known = new Map<Hash, { readonly record: VerifiedRecord; readonly prev: Hash | undefined }>();
  for (const [hash, stray] of ledger.strays.get(log) ?? []) known.set(hash, stray);
  for (const record of held.slice(parting, next)) {
    known.set(record.hash, { record, prev: held[record.seq - 1]?.hash });
  }
  const tips = [...known.values()].filter(({ record }) => record.seq === next - 1);
  return tips
    .sort((a, b) => (a.record.hash < b.record.hash ? -1 : 1))
    .flatMap((tip) => {
      const records: VerifiedRecord[] = [];
      for (let at: typeof tip | undefined = tip; at !== undefined && at.record.seq >= parting; ) {
        records.push(at.record);
        if (at.record.seq === parting && at.prev === root) return [[...common, ...records.reverse()]];
        at = at.prev === undefined ? undefined : known.get(at.prev);
      }
      return [];
    });
}
