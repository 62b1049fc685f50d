import { add } from '../../core/ledger/ledger.ts';
import { knownFrom, RETRIED } from '../../core/runtime/arrivals.ts';
import { derive, emptyState, type State } from '../../core/state/state.ts';
import type { Hash } from '../../core/units.ts';
import type { Known } from '../../core/verify/known.ts';
import { type RunVerdict, type UnverifiedRun, verifyRun } from '../../core/verify/run.ts';
import { rememberedCrypto } from './remembered-crypto.ts';

/** What somebody knows of a realm who takes runs by the real rules, without a host around it. */
export interface Knowledge {
  readonly state: State;
  readonly known: Known;
  /** Verifies a run and takes what can be taken. */
  arrive(run: UnverifiedRun): Promise<RunVerdict>;
  /** Takes runs in this order, again and again while that helps. */
  arriveAll(runs: readonly UnverifiedRun[]): Promise<void>;
}

const crypto = rememberedCrypto();

/** Knows only the realm's id. */
export function knowledgeOf(realm: Hash): Knowledge {
  const state = emptyState(realm);
  const known = knownFrom(state.ledger, state.membership);
  const arrive = async (run: UnverifiedRun): Promise<RunVerdict> => {
    const verdict = await verifyRun(run, known, crypto);
    for (const record of verdict.taken) {
      if (add(state.ledger, record) === 'added') derive(state, record);
    }
    return verdict;
  };
  return {
    ...{ state, known, arrive },
    async arriveAll(runs) {
      for (let moved = true; moved; ) {
        moved = false;
        for (const run of runs) {
          const { refused, taken } = await arrive(run);
          moved ||= taken.length > 0 && (refused === null || RETRIED.has(refused.reason));
        }
      }
    },
  };
}

/** The reason for which the rest of a run was refused, or what else became of it. */
export function outcome(verdict: RunVerdict): string {
  if (verdict.fork !== null) return `fork at ${verdict.fork.a.seq}`;
  if (verdict.refused !== null) return `${verdict.refused.reason} at ${verdict.refused.seq}`;
  return 'taken';
}
