import { emptyLedger, type Ledger } from '../../core/ledger/ledger.ts';
import type { DraftEdit } from '../../core/state/drafts.ts';
import type { VerifiedRecord } from '../../core/verify/record.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { logId } from './registries.ts';

/** What stands at a place of a log. */
export type Entry = DraftEdit | 'another type';

/** A ledger whose logs hold these drafts; what verifying would have said of them stands beside the point. */
export function ledgerOf(logs: Readonly<Record<number, readonly Entry[]>>): Ledger {
  const ledger = emptyLedger(NO_HASH);
  for (const [log, entries] of Object.entries(logs)) {
    const records = entries.map((entry) =>
      entry === 'another type' ? { type: 'heads' } : { type: 'draft', body: entry },
    );
    ledger.logs.set(logId(Number(log)), records as unknown as VerifiedRecord[]);
  }
  return ledger;
}
