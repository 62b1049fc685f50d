import { type Answer, type Effect, leasesGiven } from '../engine/effect.ts';
import type { Command, Input } from '../engine/input.ts';
import type { Lease } from '../engine/lease.ts';
import type { Model } from '../engine/model.ts';
import { step } from '../engine/step.ts';
import { knownFrom } from './arrivals.ts';
import type { Gossip } from './gossip.ts';
import type { RuntimeOptions } from './options.ts';
import { sealRecords } from './own-log.ts';
import { updatesOf } from './showing.ts';
import { collect, emptyTurn, keep, keepFork, keepStrays, type Turn } from './turn.ts';

/** What turns need of the host around them. */
interface Surroundings {
  readonly gossip: Gossip;
  /** The time of this moment. */
  tick(): Input;
}

interface Taken {
  readonly input: Input;
  readonly done: () => void;
}

interface Call {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Takes inputs one at a time, runs their effects in order, and commits a turn of them as one synced batch. Inputs that
 * come while one batch is on its way to the disk share the next: group commit. Nothing is seen outside before it is on disk.
 */
export class Turns {
  readonly #options: RuntimeOptions;
  readonly #model: Model;
  readonly #around: Surroundings;
  readonly #calls = new Map<number, Call>();
  #nextCall = 1;
  readonly #inputs: Taken[] = [];
  #turning: Promise<void> | null = null;
  #failed: unknown = null;
  #kept: number;

  constructor(options: RuntimeOptions, model: Model, around: Surroundings) {
    this.#options = options;
    this.#model = model;
    this.#around = around;
    this.#kept = model.state.ledger.logs.get(options.log)?.length ?? 0;
  }

  /** Records of this host's own log that are on its disk and counted, so that others may see them. */
  get kept(): number {
    return this.#kept;
  }

  /** Resolves when the input's effects are on disk. */
  take(input: Input): Promise<void> {
    return new Promise((done) => {
      this.#inputs.push({ input, done });
      this.#turning ??= this.#turn();
    });
  }

  /** Resolves when the command's effects are on disk. Throws the Fault that hindered it. */
  submit(client: number, command: Command): Promise<Answer> {
    const call = this.#nextCall;
    this.#nextCall += 1;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      void this.take({ kind: 'command', call, client, command });
    });
  }

  /** Resolves when everything that was taken is on disk. */
  async idle(): Promise<void> {
    await this.#turning;
  }

  async #turn(): Promise<void> {
    await Promise.resolve();
    while (this.#inputs.length > 0) {
      const taken = this.#inputs.splice(0);
      const turn = emptyTurn();
      try {
        if (this.#failed !== null) throw this.#failed;
        // A machine that slept, or a disk that stalled, must not lend by the time of before: a term may have ended since.
        if (this.#isTimeOld()) await this.#run(step(this.#model, this.#around.tick()), turn);
        for (const { input } of taken) {
          if (input.kind === 'records') keep(turn, input.records, this.#options.log);
          if (input.kind === 'strays') keepStrays(turn, input.strays);
          const effects = step(this.#model, input);
          if (input.kind === 'fork') this.#keepFork(turn, input);
          await this.#run(effects, turn);
        }
        // Nor may what it has just decided to lend go out when it slept while records were signed.
        while (this.#isTimeOld()) await this.#run(step(this.#model, this.#around.tick()), turn);
        await this.#commit(turn);
      } catch (error) {
        this.#fail(taken, error);
      }
      for (const { done } of taken) done();
    }
    // In the same breath as the last look at the inputs: one that came between would wait for ever.
    this.#turning = null;
  }

  #isTimeOld(): boolean {
    return this.#options.clock.running() - this.#model.running > MAX_TIME_LAG;
  }

  #keepFork(turn: Turn, { a }: Input & { readonly kind: 'fork' }): void {
    const fork = this.#model.state.ledger.forks.get(a.log);
    if (fork?.a === a) keepFork(turn, fork);
  }

  async #run(effects: readonly Effect[], turn: Turn): Promise<void> {
    const appends = collect(turn, effects);
    if (appends.length === 0) return;
    const { crypto, log, signer } = this.#options;
    const { ledger, membership } = this.#model.state;
    const known = knownFrom(ledger, membership);
    const told = this.#around.gossip.tell(appends);
    const groups = await sealRecords(
      told.map(({ record }) => record),
      log,
      known,
      { crypto, signer },
    );
    const records = groups.flatMap((group, i) =>
      group.map((record, j) => ({
        record,
        call: j === group.length - 1 ? (told[i]?.call ?? null) : null,
      })),
    );
    keep(
      turn,
      records.map(({ record }) => record),
      log,
    );
    await this.#run(step(this.#model, { kind: 'appended', records }), turn);
  }

  // On disk and synced first; only then does anybody outside see a record or an answer. Tools hear before other hosts do
  // that their seats are taken back: a crash between the two must not leave one seat to a tool here and to one elsewhere.
  async #commit(turn: Turn): Promise<void> {
    const { coming, counter, publish, store } = this.#options;
    const last = turn.own.at(-1);
    const written = turn.writes.size > 0 ? store.batch([...turn.writes.values()]) : null;
    for (const lease of turn.after.flatMap(leasesGiven)) coming?.(lease);
    await written;
    if (last !== undefined) await counter.write(last.seq + 1);
    for (const effect of turn.after) this.#perform(effect);
    if (last !== undefined) this.#kept = last.seq + 1;
    const first = turn.own[0];
    if (first !== undefined) {
      const run = { log: first.log, from: first.seq, records: turn.own.map(({ bytes }) => bytes) };
      for (const update of updatesOf([run])) publish(update);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'answer':
        this.#calls.get(effect.call)?.resolve(effect.answer);
        this.#calls.delete(effect.call);
        return;
      case 'event':
        this.#options.event(effect.to, effect.event);
        return;
      case 'probe':
        this.#probe(effect.lease).catch(this.#options.fault);
        return;
      case 'append':
      case 'write':
        return;
    }
  }

  async #probe(lease: Lease): Promise<void> {
    const gone = await this.#options.probe(lease);
    if (gone) await this.take({ kind: 'probed', lease: lease.id, gone });
  }

  // What memory holds may not be on disk any more: nothing is answered from it again until a restart reads the disk.
  #fail(taken: readonly Taken[], error: unknown): void {
    this.#failed = error;
    for (const { input } of taken) {
      if (input.kind !== 'command') continue;
      this.#calls.get(input.call)?.reject(error);
      this.#calls.delete(input.call);
    }
    this.#options.fault(error);
  }
}

/** Seconds by which a decision may lag behind the clock: less than the radius of any relay's time. */
const MAX_TIME_LAG = 1;
