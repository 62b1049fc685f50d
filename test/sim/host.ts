import type { StoreImage } from '../../core/adapters/store-memory.ts';
import type { AgentEvent, Answer } from '../../core/engine/effect.ts';
import type { Command } from '../../core/engine/input.ts';
import type { Lease } from '../../core/engine/lease.ts';
import type { Crypto, StoreWrite } from '../../core/ports.ts';
import { openRuntime, type Runtime } from '../../core/runtime/runtime.ts';
import type { Hash, LogId } from '../../core/units.ts';
import type { SeededRandom } from '../support/random.ts';
import { CrashSignal, type Disk, type Life, newDisk, type Operation } from './disk.ts';
import type { Machine } from './machine.ts';
import { type Device, signerOfLog } from './realm.ts';
import type { Count } from './tally.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** What a host tells the world that it stands in. */
interface Surroundings {
  readonly realm: Hash;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly crypto: Crypto;
  readonly count: Count;
  started(host: SimHost): void;
  crashed(host: SimHost): void;
  begun(host: SimHost, writes: readonly StoreWrite[]): void;
  durable(host: SimHost, writes: readonly StoreWrite[]): void;
  published(host: SimHost, bytes: Uint8Array): void;
  signed(host: SimHost, signature: Uint8Array): void;
  event(host: SimHost, to: number | 'all', event: AgentEvent): void;
  answered(host: SimHost, command: Command, client: number, answer: Answer): void;
  isGone(lease: Lease): boolean;
  fault(host: SimHost, error: unknown): void;
  loses?(host: SimHost, writes: readonly StoreWrite[]): boolean;
}

/** A backup: the disk and the outside counter of one moment. */
export interface Backup {
  readonly image: StoreImage;
  readonly counter: number;
}

interface SimLife extends Life {
  alive: boolean;
  operations: number;
  crashAt: number;
  runtime: Runtime | null;
  /** Commands not answered yet. */
  readonly open: Set<Command>;
}

/** A machine with a disk, on which lives of one real runtime follow one another. */
export class SimHost {
  readonly device: Device;
  readonly machine: Machine;
  readonly disk: Disk;
  /** The counter outside of the data directory (rule R7). */
  counter = 0;
  /** Whether some disk of the past was put back. */
  restored = false;
  /** Whether it was put back without the counter, so that only others can tell. */
  needsWitness = false;
  /** Whether issuers were asked to revoke it. */
  revoked = false;
  /** Processes that were started on it. */
  lives = 0;
  /** Whether another log has taken this one's place. */
  retired = false;
  readonly #world: Surroundings;
  #life: SimLife | null = null;

  constructor(device: Device, machine: Machine, image: StoreImage, world: Surroundings, slowest: number) {
    this.device = device;
    this.machine = machine;
    this.#world = world;
    const { random, timeline } = world;
    this.disk = newDisk(image, {
      timeline,
      random,
      slowest,
      begun: (writes) => world.begun(this, writes),
      durable: (writes) => world.durable(this, writes),
      loses: (writes) => world.loses?.(this, writes) ?? false,
      broken(kept, lost) {
        world.count('batch-kept', kept);
        world.count('batch-lost', lost);
      },
    });
  }

  get name(): string {
    return `${this.device.id}/${this.device.log}`;
  }

  get log(): LogId {
    return this.device.log;
  }

  /** The runtime, while the process runs and has opened its store. */
  get runtime(): Runtime | null {
    return this.#life?.runtime ?? null;
  }

  get running(): boolean {
    return this.#life !== null;
  }

  /** Commands of this life without an answer. */
  get unanswered(): number {
    return this.#life?.open.size ?? 0;
  }

  /** Starts the process, which ends by itself at operation `crashAt` of its life; says when it has read its disk and done nothing yet. */
  start(crashAt: number, opened: () => void = () => undefined): void {
    if (this.#life !== null) return;
    const world = this.#world;
    const life: SimLife = {
      ...{ alive: true, operations: 0, crashAt, runtime: null, open: new Set() },
      operation: (name) => {
        if (!life.alive) throw new CrashSignal(name);
        life.operations += 1;
        if (life.operations < life.crashAt) return;
        world.trace.note(`${this.name} crashes at operation ${life.operations}, ${name}`);
        this.crash(name);
        throw new CrashSignal(name);
      },
    };
    this.#life = life;
    this.lives += 1;
    openRuntime(this.#ports(life)).then(
      (runtime) => {
        if (!life.alive) return;
        life.runtime = runtime;
        opened();
        world.started(this);
      },
      (error) => this.#faulted(life, error),
    );
  }

  /** Ends the process between two instructions: at an operation, in the calm, or anywhere. */
  crash(at?: Operation | 'calm'): void {
    if (this.#life === null) return;
    this.#world.count(at === undefined ? 'crash' : `crash-${at}`);
    this.#life.alive = false;
    this.#life = null;
    this.disk.crash();
    this.#world.crashed(this);
  }

  /** Makes the process end by itself after so many more operations. */
  lightFuse(operations: number): void {
    if (this.#life !== null) this.#life.crashAt = this.#life.operations + operations;
  }

  /** What a backup program would take. */
  backup(): Backup {
    return { image: this.disk.image(), counter: this.counter };
  }

  /** Carries out a command; its answer goes to the world, unless the process ends before. */
  submit(client: number, command: Command): void {
    const life = this.#life;
    if (life === null || life.runtime === null) return;
    life.open.add(command);
    life.runtime.submit(client, command).then(
      (answer) => {
        life.open.delete(command);
        if (life.alive) this.#world.answered(this, command, client, answer);
      },
      (error) => {
        life.open.delete(command);
        this.#faulted(life, error);
      },
    );
  }

  /** Does something with the runtime, if there is one. */
  use(work: (runtime: Runtime) => Promise<unknown> | undefined): void {
    const life = this.#life;
    if (life === null || life.runtime === null) return;
    work(life.runtime)?.catch((error) => this.#faulted(life, error));
  }

  #faulted(life: SimLife, error: unknown): void {
    if (error instanceof CrashSignal || !life.alive) return;
    this.#world.fault(this, error);
  }

  #ports(life: SimLife) {
    const world = this.#world;
    const signer = signerOfLog(this.log);
    return {
      store: this.disk.open(life),
      crypto: world.crypto,
      signer: {
        key: signer.key,
        sign: async (message: Uint8Array) => {
          life.operation('sign');
          const signature = await signer.sign(message);
          world.signed(this, signature);
          return signature;
        },
      },
      clock: this.machine,
      realm: world.realm,
      log: this.log,
      opening: [],
      probe: async (lease: Lease) => world.isGone(lease),
      counter: {
        read: async () => this.counter,
        write: async (next: number) => {
          life.operation('count');
          this.counter = Math.max(this.counter, next);
          life.operation('counted');
        },
      },
      event: (to: number | 'all', event: AgentEvent) => {
        life.operation('event');
        world.event(this, to, event);
      },
      publish: (bytes: Uint8Array) => {
        life.operation('publish');
        world.published(this, bytes);
        life.operation('published');
      },
      fault: (error: unknown) => this.#faulted(life, error),
    };
  }
}
