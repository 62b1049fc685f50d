import { type Ledger, missing } from '../ledger/ledger.ts';
import { looseEnds } from '../ledger/strays.ts';
import { isAwaited } from '../state/evidence.ts';
import type { Membership } from '../state/membership.ts';
import type { LogId } from '../units.ts';
import { encodeAppend, type Run } from '../wire/append.ts';
import { appendPortions } from '../wire/append-portions.ts';
import type { Body } from '../wire/bodies.ts';
import { MAX_FRAME_BYTES, MAX_LOGS } from '../wire/bounds.ts';
import { parseStateVector } from '../wire/state-vector.ts';

/** What a host may show: all that it holds, but of its own log only what is on its disk. */
export interface Shown {
  readonly ledger: Ledger;
  readonly membership: Membership;
  /** This host's own log, and how much of it is on the disk. */
  readonly own: { readonly log: LogId; readonly kept: number };
}

/** What somebody with this state vector lacks, as append-profile updates of at most a frame each. */
export function lackedBy({ ledger, own }: Shown, stateVector: Uint8Array): readonly Uint8Array[] {
  const have = parseStateVector(stateVector, MAX_LOGS);
  if (!have.ok) return [];
  // The ledger is ahead of the disk while a turn is committed: what a crash would make this host forget having signed
  // must not be seen by anybody.
  const runs = missing(ledger, have.value).map((run) =>
    run.log === own.log ? { ...run, records: run.records.slice(0, own.kept - run.from) } : run,
  );
  return updatesOf(runs);
}

/** What those who hold other histories of forked logs lack, of all such logs or of these, as updates. */
export function straysIn(
  { ledger, membership, own }: Shown,
  logs?: ReadonlySet<LogId>,
): readonly Uint8Array[] {
  const [first, second, rest]: [Run[], Run[], Run[]] = [[], [], []];
  const awaits = (ack: Body<'ack'>) => isAwaited(membership.evidence, ack);
  for (const [log, { seq }] of membership.forks) {
    if (logs !== undefined && !logs.has(log)) continue;
    const kept = log === own.log ? own.kept : Number.POSITIVE_INFINITY;
    const { histories, parting } = looseEnds(ledger, log, seq, { awaits, kept });
    // Each for itself: only the first record of a run can show that there is another one at its place.
    first.push({ log, from: seq, records: parting.slice(0, 1) });
    second.push({ log, from: seq, records: parting.slice(1, 2) });
    rest.push({ log, from: seq, records: histories });
  }
  return [first, second, rest].flatMap(updatesOf);
}

/** Runs as updates of at most a frame each. */
export function updatesOf(runs: readonly Run[]): readonly Uint8Array[] {
  return appendPortions(runs, MAX_FRAME_BYTES / 2).map((portion) => encodeAppend(portion));
}
