import { createHash } from 'node:crypto';

/** What happened in a run, line by line with the true time. */
export interface Trace {
  note(line: string): void;
  /** The last lines. */
  tail(count: number): readonly string[];
  /** A digest of all lines: equal for two runs in which the same happened. */
  digest(): string;
  readonly count: number;
}

/** Lines kept for the tail. */
const KEPT = 2000;

/** A trace whose lines carry the time that `now` gives, counted from `start`. */
export function newTrace(now: () => number, start: number): Trace {
  const hash = createHash('sha256');
  const lines: string[] = [];
  let count = 0;
  return {
    note(line) {
      const stamped = `${(now() - start).toFixed(3).padStart(10)}  ${line}`;
      hash.update(stamped);
      lines.push(stamped);
      count += 1;
      if (lines.length > 2 * KEPT) lines.splice(0, KEPT);
    },
    tail: (wanted) => lines.slice(-wanted),
    digest: () => hash.copy().digest('hex'),
    get count() {
      return count;
    },
  };
}

/** The invariants that a simulation holds its hosts to. */
export const INVARIANTS = {
  'one-chain': 'certified versions form one chain over all hosts that ever were',
  'certified-before-applied': 'nobody applies a version without its certificate',
  'no-lease-at-apply': 'nobody applies with open leases',
  'one-ack': 'no log holds two acks for one version',
  'one-history': 'nothing that others have seen of a log is ever signed again otherwise',
  'durable-before-seen': 'a record is on disk before anybody outside sees it',
  'nothing-forged': 'no ledger holds a record that its principal did not sign',
  'seats-of-lot': 'the leases of a host stay within its lot, what came to it, and what is left of both',
  'seats-once': 'no seat is moved that is not there, and none is taken twice',
  'seats-of-feature':
    'the leases of a feature stay within its seats, and the overdraft that its vendor allows, at every instant',
  'lease-in-time': 'no lease is granted that is over already',
  'lease-kept': 'a lease that a tool holds is held by its host, also after a crash',
  'one-term-one-version': 'a term is opened for one version only',
  answered: 'every command is answered',
  'no-fault': 'no fault comes out of a host but the crashes put into it',
  'reopens-alike': 'a host that opens again knows what it knew',
  converged: 'hosts that hear all agree on all',
  'nothing-lost': 'what others have seen is in every ledger in the end',
  decides: 'when all hear each other a version is decided and applied',
} as const;

/** The name of an invariant. */
export type Invariant = keyof typeof INVARIANTS;

/** An invariant that did not hold. */
export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${INVARIANTS[invariant]}; ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}
