import type { Answer } from '../engine/effect.ts';
import type { Command, Input } from '../engine/input.ts';
import { type Model, newestVersion, selfIn } from '../engine/model.ts';
import type { Peer } from '../engine/peer.ts';
import { nextSeqs } from '../ledger/ledger.ts';
import type { Witness } from '../state/clock.ts';
import type { LogId } from '../units.ts';
import { encodeStateVector } from '../wire/state-vector.ts';
import { type Gossip, gossip } from './gossip.ts';
import { type HostTime, loadHostTime, TIME_KEY } from './host-time.ts';
import { Incoming, type Refused } from './incoming.ts';
import { loadModel } from './load.ts';
import type { RuntimeOptions } from './options.ts';
import { lackedBy, type Shown, straysIn } from './showing.ts';
import { Turns } from './turns.ts';

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
  readonly #turns: Turns;
  readonly #incoming: Incoming;
  #ticks = 0;

  constructor(options: RuntimeOptions, model: Model, time: HostTime) {
    this.#options = options;
    this.model = model;
    this.#time = time;
    this.#gossip = gossip(options, model, time);
    this.#turns = new Turns(options, model, { gossip: this.#gossip, tick: () => this.#tickInput() });
    this.#incoming = new Incoming(options, model, async (input) => {
      await this.#turns.take(input);
      if (input.kind === 'records') await this.#gossip.arrived(input.records);
    });
  }

  begin(): Promise<void> {
    return this.#incoming.begin();
  }

  submit(client: number, command: Command): Promise<Answer> {
    return this.#turns.submit(client, command);
  }

  clientGone(client: number): void {
    void this.#turns.take({ kind: 'client-gone', client });
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
    return { ...this.model.state, own: { log: this.#options.log, kept: this.#turns.kept } };
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
    return this.#turns.take({ kind: 'compared' });
  }

  meet(peers: ReadonlyMap<LogId, Peer>): Promise<void> {
    return this.#turns.take({ kind: 'peers', peers });
  }

  meetTwin(run: Uint8Array): Promise<void> {
    return this.#turns.take({ kind: 'twin', run });
  }

  async tick(): Promise<void> {
    await this.#turns.take(this.#tickInput());
    this.#ticks += 1;
    // Running time counts towards the offline age across restarts only if it is noted.
    if (this.#ticks % TICKS_PER_NOTE === 0) await this.#options.store.batch([this.#time.write()]);
  }

  async close(): Promise<void> {
    await this.#incoming.idle();
    await this.#turns.idle();
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
}

/** Ticks between two notes of running time on disk. */
const TICKS_PER_NOTE = 60;
