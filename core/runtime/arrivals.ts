import { knownTo, type Ledger } from '../ledger/ledger.ts';
import type { Crypto } from '../ports.ts';
import { isAwaited } from '../state/evidence.ts';
import type { Membership } from '../state/membership.ts';
import { invitationsTo, namedKey } from '../state/standing.ts';
import type { Seconds } from '../units.ts';
import type { Known, VerifyReason } from '../verify/known.ts';
import type { RunVerdict, UnverifiedRun } from '../verify/run.ts';
import { verifyRun } from '../verify/run.ts';
import { hashOf } from '../wire/hash.ts';

/** Refusals that may pass when more of the realm has been verified: such a run is tried again. */
export const RETRIED: ReadonlySet<VerifyReason> = new Set([
  'unknown-log',
  'unknown-invitation',
  'unknown-signer',
  'gap',
]);

/** Runs, and bytes of their records, that are kept for another try. */
const MAX_DEFERRED = 1024;
const MAX_DEFERRED_BYTES = 8 * 1024 * 1024;

/** Where a verdict goes before the next run is verified, so that the ledger has grown by then. */
type TakeVerdict = (run: UnverifiedRun, verdict: RunVerdict) => Promise<void>;

/** What verifying needs of a ledger and the invitations of those who may invite; with the time, of those that have not ended. */
export function knownFrom(ledger: Ledger, membership: Membership, now: Seconds | null = null): Known {
  return knownTo(ledger, {
    named: (log) => namedKey(membership, log),
    // A relay that lets a latecomer in is not believed either; who belongs to a version needs no invitation any more.
    invitations: (log) =>
      invitationsTo(membership, log)
        .filter(({ body }) => now === null || now <= body.until)
        .map(({ body }) => body.key),
    frozenAt: (log) => membership.forks.get(log)?.seq,
    awaits: (ack) => isAwaited(membership.evidence, ack),
  });
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
      const found = verdict.taken.length + verdict.strays.length > 0;
      const kept = known.strays(run.log).size;
      if (retry && found) await take(run, { ...verdict, refused: null });
      else if (!retry) await take(run, verdict);
      if (verdict.taken.length > 0 || known.strays(run.log).size > kept) moved = true;
    }
    waiting = still;
  }
  return worthKeeping(waiting);
}

// The attack: a relay that sends what nobody vouches for, again and again, would fill memory and cost ever more checks.
function worthKeeping(waiting: readonly UnverifiedRun[]): readonly UnverifiedRun[] {
  const kept = new Map<string, UnverifiedRun>();
  let bytes = 0;
  for (const run of waiting) {
    // By its end, too: of a log with two histories both may wait.
    const end = hashOf(run.records.at(-1) ?? new Uint8Array());
    const name = `${run.log} ${run.from} ${end}`;
    const size = run.records.reduce((sum, record) => sum + record.length, 0);
    if (kept.has(name) || kept.size >= MAX_DEFERRED || bytes + size > MAX_DEFERRED_BYTES) continue;
    kept.set(name, run);
    bytes += size;
  }
  return [...kept.values()];
}
