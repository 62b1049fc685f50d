import { nextSeqs } from '../ledger/ledger.ts';
import type { Refused } from '../runtime/incoming.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { LogId } from '../units.ts';
import { encodeStateVector } from '../wire/state-vector.ts';

/** Shows a relay the history that this host holds of a log, where the relay's own does not follow from it. */
export interface ForkShowing {
  /** What was refused of an update of the relay's: what does not follow from here follows from another history. */
  met(refused: readonly Refused[]): void;
  /** The relay refused records of a log: they may not follow from another history, which it holds. */
  refusedThere(log: LogId): void;
  /** Shows the evidence of forked logs, and from then on what is new of it: no state vector asks for it. */
  begin(): void;
  /** Begins anew with a new connection. */
  reset(): void;
}

/** Sends each log once a connection: the relay, which has both histories then, proves the fork to everybody (DESIGN: records, forks). */
export function forkShowing(runtime: Runtime, send: (update: Uint8Array) => void): ForkShowing {
  const shown = new Set<LogId>();
  const strayed = new Map<LogId, string>();
  let begun = false;

  function showLog(log: LogId): void {
    if (shown.has(log)) return;
    shown.add(log);
    const others = new Map(nextSeqs(runtime.model.state.ledger));
    others.delete(log);
    for (const update of runtime.lackedBy(encodeStateVector(others))) send(update);
  }

  function showStrays(): void {
    const { ledger, membership } = runtime.model.state;
    const news = new Set<LogId>();
    for (const [log, { seq }] of membership.forks) {
      const extent = `${seq} ${ledger.logs.get(log)?.length} ${ledger.strays.get(log)?.size}`;
      if (strayed.get(log) === extent) continue;
      strayed.set(log, extent);
      news.add(log);
    }
    if (news.size > 0) for (const update of runtime.strays(news)) send(update);
  }

  return {
    met(refused) {
      for (const { log, reason } of refused) if (reason === 'broken-chain' && log !== null) showLog(log);
      if (begun) showStrays();
    },
    refusedThere(log) {
      if (!runtime.model.state.membership.forks.has(log)) showLog(log);
    },
    begin() {
      begun = true;
      showStrays();
    },
    reset() {
      begun = false;
      shown.clear();
      strayed.clear();
    },
  };
}
