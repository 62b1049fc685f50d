import { type Answer, type Effect, leasesGiven } from '../engine/effect.ts';
import type { Command, Input } from '../engine/input.ts';
import type { Lease } from '../engine/lease.ts';
import { type Model, newestVersion, selfIn } from '../engine/model.ts';
import type { Peer } from '../engine/peer.ts';
import { step } from '../engine/step.ts';
import { nextSeqs } from '../ledger/ledger.ts';
import type { Witness } from '../state/clock.ts';
import type { LogId } from '../units.ts';
import { encodeStateVector } from '../wire/state-vector.ts';
import { knownFrom } from './arrivals.ts';
import { type Gossip, gossip } from './gossip.ts';
import { type HostTime, loadHostTime, TIME_KEY } from './host-time.ts';
import { Incoming, type Refused } from './incoming.ts';
import { loadModel } from './load.ts';
import type { RuntimeOptions } from './options.ts';
import { sealRecords } from './own-log.ts';
import { lackedBy, type Shown, straysIn, updatesOf } from './showing.ts';
import { collect, emptyTurn, keep, keepFork, keepStrays, type Turn } from './turn.ts';

/** A host: takes inputs one at a time, runs their effects in order, and commits a turn of them as one synced batch. */
export interface Runtime {
  readonly model: Model;
  /** Carries out a command; resolves when its effects are on disk. Throws the Fault that hindered it. */
  submit(client: number, command: Command): Promise<Answer>;
  clientGone(client: number): void;
  /** Takes append-profile bytes from anybody; what does not verify changes nothing and is given back with its reason. */
  update(bytes: Uint8Array): Promise<readonly Refused[]>;
  /** What somebody with this state vector lacks, as append-profile updates of at most a frame each. */
  lackedBy(stateVector: Uint8Array): readonly Uint8Array[];
  /** What those who hold another history of a forked log lack, of all such logs or of these: no state vector tells of it. */
  strays(logs?: ReadonlySet<LogId>): readonly Uint8Array[];
  stateVector(): Uint8Array;
  see(seen: Witness): Promise<void>;
  /** Takes signed times in gossip form from anybody: they raise the lower bound and nothing else. How many said more than was known. */
  hear(times: readonly Uint8Array[]): Promise<number>;
  /** The newest signed time of each relay, in gossip form, the newest first. */
  times(): readonly Uint8Array[];
  compared(): Promise<void>;
  /** Takes note of who is present, by what they say of themselves. */
  meet(peers: ReadonlyMap<LogId, Peer>): Promise<void>;
  /** Another process seems to live under this host's log; `run` names this one. */
  meetTwin(run: Uint8Array): Promise<void>;
  tick(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a host on its store: verifies what is there, and goes on from it. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { clock, crypto, store } = options;
  const model = await loadModel(options);
  const relays = newestVersion(model)?.roster.policy.relays ?? [];
  const believed = new Set(relays.map(({ key }) => key));
  const time = await loadHostTime(await store.get(TIME_KEY), believed, { clock, crypto });
  const runtime = new HostRuntime(options, model, time);
  await runtime.begin();
  return runtime;
}

class HostRuntime implements Runtime {
  readonly model: Model;
  readonly #options: RuntimeOptions;
  readonly #time: HostTime;
  readonly #gossip: Gossip;
  readonly #inputs: { input: Input; done: () => void }[] = [];
  readonly #calls = new Map<
    number,
    { resolve: (answer: Answer) => void; reject: (error: unknown) => void }
  >();
  #nextCall = 1;
  #turning: Promise<void> | null = null;
  readonly #incoming: Incoming;
  #failed: unknown = null;
  #ticks = 0;
  /** Records of this host's own log that are on its disk. */
  #kept: number;

  constructor(options: RuntimeOptions, model: Model, time: HostTime) {
    this.#options = options;
    this.model = model;
    this.#time = time;
    this.#gossip = gossip(options, model, time);
    this.#kept = this.#ownLength();
    this.#incoming = new Incoming(options, model, async (input) => {
      await this.#take(input);
      if (input.kind === 'records') await this.#gossip.arrived(input.records);
    });
  }

  begin(): Promise<void> {
    return this.#incoming.begin();
  }

  submit(client: number, command: Command): Promise<Answer> {
    const call = this.#nextCall;
    this.#nextCall += 1;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      void this.#take({ kind: 'command', call, client, command });
    });
  }

  clientGone(client: number): void {
    void this.#take({ kind: 'client-gone', client });
  }

  update(bytes: Uint8Array): Promise<readonly Refused[]> {
    return this.#incoming.update(bytes);
  }

  lackedBy(stateVector: Uint8Array): readonly Uint8Array[] {
    return lackedBy(this.#shown(), stateVector);
  }

  strays(logs?: ReadonlySet<LogId>): readonly Uint8Array[] {
    return straysIn(this.#shown(), logs);
  }

  #shown(): Shown {
    return { ...this.model.state, own: { log: this.#options.log, kept: this.#kept } };
  }

  stateVector(): Uint8Array {
    return encodeStateVector(nextSeqs(this.model.state.ledger));
  }

  async see(seen: Witness): Promise<void> {
    this.#time.see(seen);
    await this.tick();
    await this.#options.store.batch([this.#time.write()]);
  }

  hear(times: readonly Uint8Array[]): Promise<number> {
    return this.#gossip.hear(times);
  }

  times(): readonly Uint8Array[] {
    return this.#gossip.times();
  }

  compared(): Promise<void> {
    return this.#take({ kind: 'compared' });
  }

  meet(peers: ReadonlyMap<LogId, Peer>): Promise<void> {
    return this.#take({ kind: 'peers', peers });
  }

  meetTwin(run: Uint8Array): Promise<void> {
    return this.#take({ kind: 'twin', run });
  }

  async tick(): Promise<void> {
    await this.#take(this.#tickInput());
    this.#ticks += 1;
    // Running time counts towards the offline age across restarts only if it is noted.
    if (this.#ticks % TICKS_PER_NOTE === 0) await this.#options.store.batch([this.#time.write()]);
  }

  async close(): Promise<void> {
    await this.#incoming.idle();
    await this.#turning;
    await this.#options.store.batch([this.#time.write()]);
    await this.#options.store.close();
  }

  #tickInput(): Input {
    const { clock } = this.#options;
    const newest = newestVersion(this.model);
    const member = newest === null ? null : selfIn(this.model, newest.roster);
    const time = this.#time.view(newest?.roster ?? null, member?.class ?? null);
    const token = this.#time.newest(time.lower);
    return {
      kind: 'tick',
      time,
      running: clock.running(),
      boot: clock.boot(),
      token,
      answers: this.#time.answers(),
    };
  }

  #isTimeOld(): boolean {
    return this.#options.clock.running() - this.model.running > MAX_TIME_LAG;
  }

  #take(input: Input): Promise<void> {
    return new Promise((done) => {
      this.#inputs.push({ input, done });
      this.#turning ??= this.#turn();
    });
  }

  // Inputs that arrive while one batch is on its way to the disk share the next: group commit.
  async #turn(): Promise<void> {
    await Promise.resolve();
    while (this.#inputs.length > 0) {
      const inputs = this.#inputs.splice(0);
      const turn = emptyTurn();
      try {
        if (this.#failed !== null) throw this.#failed;
        // A machine that slept, or a disk that stalled, must not lend by the time of before: a term may have ended since.
        if (this.#isTimeOld()) await this.#run(step(this.model, this.#tickInput()), turn);
        for (const { input } of inputs) {
          if (input.kind === 'records') keep(turn, input.records, this.#options.log);
          if (input.kind === 'strays') keepStrays(turn, input.strays);
          const effects = step(this.model, input);
          if (input.kind === 'fork') this.#keepFork(turn, input);
          await this.#run(effects, turn);
        }
        // Nor may what it has just decided to lend go out when it slept while records were signed.
        while (this.#isTimeOld()) await this.#run(step(this.model, this.#tickInput()), turn);
        await this.#commit(turn);
      } catch (error) {
        this.#fail(inputs, error);
      }
      for (const { done } of inputs) done();
    }
    // In the same breath as the last look at the inputs: one that came between would wait for ever.
    this.#turning = null;
  }

  #keepFork(turn: Turn, { a }: Input & { readonly kind: 'fork' }): void {
    const fork = this.model.state.ledger.forks.get(a.log);
    if (fork?.a === a) keepFork(turn, fork);
  }

  async #run(effects: readonly Effect[], turn: Turn): Promise<void> {
    const appends = collect(turn, effects);
    if (appends.length === 0) return;
    const { crypto, log, signer } = this.#options;
    const { ledger, membership } = this.model.state;
    const known = knownFrom(ledger, membership);
    const told = this.#gossip.tell(appends);
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
    await this.#run(step(this.model, { kind: 'appended', records }), turn);
  }

  #ownLength(): number {
    return this.model.state.ledger.logs.get(this.#options.log)?.length ?? 0;
  }

  // On disk and synced first; only then does anybody outside see a record or an answer.
  async #commit(turn: Turn): Promise<void> {
    const { coming, counter, publish, store } = this.#options;
    const last = turn.own.at(-1);
    const written = turn.writes.size > 0 ? store.batch([...turn.writes.values()]) : null;
    for (const lease of turn.after.flatMap(leasesGiven)) coming?.(lease);
    await written;
    if (last !== undefined) {
      this.#kept = last.seq + 1;
      await counter.write(last.seq + 1);
    }
    const first = turn.own[0];
    if (first !== undefined) {
      const run = { log: first.log, from: first.seq, records: turn.own.map(({ bytes }) => bytes) };
      for (const update of updatesOf([run])) publish(update);
    }
    for (const effect of turn.after) this.#perform(effect);
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
    if (gone) await this.#take({ kind: 'probed', lease: lease.id, gone });
  }

  // What memory holds may not be on disk any more: nothing is answered from it again until a restart reads the disk.
  #fail(inputs: readonly { input: Input }[], error: unknown): void {
    this.#failed = error;
    for (const { input } of inputs) {
      if (input.kind !== 'command') continue;
      this.#calls.get(input.call)?.reject(error);
      this.#calls.delete(input.call);
    }
    this.#options.fault(error);
  }
}

/** Seconds by which a decision may lag behind the clock: less than the radius of any relay's time. */
const MAX_TIME_LAG = 1;

/** Ticks between two notes of running time on disk. */
const TICKS_PER_NOTE = 60;
