import { knownTo, type Ledger } from '../ledger/ledger.ts';
import type { Crypto } from '../ports.ts';
import { invitationsTo, type Membership } from '../state/membership.ts';
import type { LogId, PublicKey } from '../units.ts';
import type { Known, VerifyReason } from '../verify/known.ts';
import type { RunVerdict, UnverifiedRun } from '../verify/run.ts';
import { verifyRun } from '../verify/run.ts';

/** Refusals that may pass when more of the realm has been verified: such a run is tried again. */
export const RETRIED: ReadonlySet<VerifyReason> = new Set([
  'unknown-log',
  'unknown-invitation',
  'unknown-signer',
  'gap',
]);

/** Runs that are kept for another try. */
const MAX_DEFERRED = 1024;

/** Where a verdict goes before the next run is verified, so that the ledger has grown by then. */
export type TakeVerdict = (run: UnverifiedRun, verdict: RunVerdict) => Promise<void>;

/** What verifying needs of a ledger and the invitations of those who may invite. */
export function knownFrom(ledger: Ledger, membership: Membership): Known {
  return knownTo(ledger, (log: LogId): readonly PublicKey[] =>
    invitationsTo(membership, log).map((invite) => invite.body.key),
  );
}

/**
 * Verifies runs until none makes progress: a log that began by invitation waits for the inviter's log.
 * Gives the runs that still wait for something.
 */
export async function verifyRuns(
  runs: readonly UnverifiedRun[],
  known: Known,
  crypto: Crypto,
  take: TakeVerdict,
): Promise<readonly UnverifiedRun[]> {
  let waiting = runs;
  for (let moved = true; moved && waiting.length > 0; ) {
    moved = false;
    const still: UnverifiedRun[] = [];
    for (const run of waiting) {
      const verdict = await verifyRun(run, known, crypto);
      const retry = verdict.refused !== null && RETRIED.has(verdict.refused.reason);
      if (retry) still.push(run);
      if (verdict.taken.length > 0) moved = true;
      if (verdict.taken.length > 0 || !retry) await take(run, verdict);
    }
    waiting = still;
  }
  return waiting.slice(0, MAX_DEFERRED);
}
