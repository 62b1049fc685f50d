import type { Input } from '../engine/input.ts';
import type { Model } from '../engine/model.ts';
import type { LogId } from '../units.ts';
import { type UnverifiedRun, verifyRun } from '../verify/run.ts';
import { parseAppend } from '../wire/append.ts';
import { knownFrom, verifyRuns } from './arrivals.ts';
import type { RuntimeOptions } from './options.ts';

/** A part of an update that was not taken. */
export interface Refused {
  readonly log: LogId | null;
  readonly seq: number;
  readonly reason: string;
  readonly detail: string;
}

type Take = (input: Input) => Promise<void>;

/** What comes from others on its way into the model: verified one update at a time, and what waits for more kept. */
export class Incoming {
  readonly #options: RuntimeOptions;
  readonly #model: Model;
  readonly #take: Take;
  #arrivals: Promise<unknown> = Promise.resolve();
  #deferred: readonly UnverifiedRun[] = [];

  constructor(options: RuntimeOptions, model: Model, take: Take) {
    this.#options = options;
    this.#model = model;
    this.#take = take;
  }

  /** Takes append-profile bytes from anybody, and gives back what does not verify with its reason. */
  update(bytes: Uint8Array): Promise<readonly Refused[]> {
    const parsed = parseAppend(bytes);
    if (!parsed.ok) {
      return Promise.resolve([{ log: null, seq: 0, reason: parsed.reason, detail: parsed.detail ?? '' }]);
    }
    const work = this.#arrivals.then(() => this.#arrive(parsed.value));
    // One update is verified at a time: each needs the ledger that the one before it left.
    this.#arrivals = work.catch(() => undefined);
    return work;
  }

  /** Resolves when nothing is being verified any more. */
  async idle(): Promise<void> {
    await this.#arrivals;
  }

  /** Takes this host's first records as soon as the ledger vouches for them: a join needs the invitation, which is another's. */
  async begin(): Promise<void> {
    const { crypto, log, opening = [] } = this.#options;
    const { ledger, membership } = this.#model.state;
    if (opening.length === 0 || ledger.logs.has(log) || this.#model.stale) return;
    const known = knownFrom(ledger, membership);
    const { taken } = await verifyRun({ log, from: 0, records: opening }, known, crypto);
    if (taken.length === opening.length) await this.#take({ kind: 'records', records: taken });
  }

  // Noted outside, too: after a restart a relay that hides those records must not get this host to sign again.
  async #meetOwn(next: number): Promise<void> {
    await this.#options.counter.write(next);
    await this.#take({ kind: 'own-log-ahead', next });
    // What this host signed in the same moment may have made its log as long as the other history.
    if (this.#ownLength() >= next) await this.#noteOther();
  }

  // Another history of this host's own log: after a restart, too, it must not sign (rule R7).
  async #meetFork(log: LogId, fork: Omit<Input & { readonly kind: 'fork' }, 'kind'>): Promise<void> {
    await this.#take({ kind: 'fork', ...fork });
    if (log === this.#options.log) await this.#noteOther();
  }

  /** A counter beyond what this host holds says after a restart, too, that others hold something else. */
  #noteOther(): Promise<void> {
    return this.#options.counter.write(this.#ownLength() + 1);
  }

  #ownLength(): number {
    return this.#model.state.ledger.logs.get(this.#options.log)?.length ?? 0;
  }

  async #arrive(runs: readonly UnverifiedRun[]): Promise<readonly Refused[]> {
    const { crypto } = this.#options;
    const { ledger, membership } = this.#model.state;
    const refused: Refused[] = [];
    const known = knownFrom(ledger, membership, this.#model.time.lower);
    this.#deferred = await verifyRuns([...runs, ...this.#deferred], known, crypto, async (run, verdict) => {
      if (verdict.refused !== null) {
        const { detail, reason, seq } = verdict.refused;
        refused.push({ log: run.log, seq, reason, detail: detail ?? '' });
      }
      if (verdict.fork !== null) await this.#meetFork(run.log, verdict.fork);
      if (verdict.strays.length > 0) await this.#take({ kind: 'strays', strays: verdict.strays });
      const last = verdict.taken.at(-1);
      if (last === undefined) return;
      // Records under this host's own signature that it does not hold: its disk is older than its key (rule R7).
      if (run.log === this.#options.log) await this.#meetOwn(last.seq + 1);
      else await this.#take({ kind: 'records', records: verdict.taken });
    });
    await this.begin();
    return refused;
  }
}
