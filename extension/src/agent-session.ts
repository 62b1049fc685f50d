import type { AgentConnection } from '../../core/agent/client.ts';
import type { PushedEvent } from '../../core/agent/protocol.ts';
import { Fault, isFault } from '../../core/errors.ts';
import { faultWords } from './fault-words.ts';
import type { Said, Snapshot } from './model/snapshot.ts';
import { readSaid } from './reading.ts';

/** What a session needs of its window. */
interface SessionOptions {
  /** Finds the agent or starts one. Throws as `connectAgent`. */
  connect(): Promise<AgentConnection>;
  /** Whether somebody looks at the configuration, which costs more to read. */
  wantsConfiguration(): boolean;
  log(text: string): void;
}

/** Milliseconds for which pushed events are gathered before the agent is asked. */
const GATHER = 250;
/** After a reading the next one waits for so many times as long as that took, so that no window keeps an agent busy. */
const REST = 4;
/** Milliseconds before another attempt to connect, after the first failure, the second and so on. */
const PAUSES = [1000, 2000, 5000, 10_000, 30_000] as const;

/** The window's one connection to the host agent, made anew when it breaks, and what was said over it last. */
export class AgentSession {
  readonly #options: SessionOptions;
  readonly #changed = new Set<(snapshot: Snapshot) => void>();
  readonly #heard = new Set<(event: PushedEvent) => void>();
  readonly #asking = new Set<{ resolve(agent: AgentConnection): void; reject(why: unknown): void }>();
  #snapshot: Snapshot = { kind: 'starting' };
  #agent: AgentConnection | null = null;
  #closed = false;
  #isAsked = false;
  #wake: () => void = () => undefined;
  #reading: Promise<void> | null = null;
  #stale = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Connects, and goes on doing so until it is closed. Never throws. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#closed; ) {
      const agent = await this.#connected();
      failures = agent === null ? failures + 1 : 0;
      if (agent !== null) await this.#attend(agent);
      else await this.#pause(failures);
    }
  }

  /** The connection that stands, or else the outcome of the next attempt. */
  agent(): Promise<AgentConnection> {
    if (this.#agent !== null) return Promise.resolve(this.#agent);
    return new Promise((resolve, reject) => {
      this.#asking.add({ resolve, reject });
      this.retry();
    });
  }

  /** Tries to connect now if there is no connection. */
  retry(): void {
    this.#isAsked = true;
    this.#wake();
  }

  /** Asks the agent anew, soon; a burst of these becomes one reading. */
  refresh(): void {
    if (this.#agent === null) this.retry();
    else this.#readIn(GATHER);
  }

  /** What the agent says from now on. */
  async fresh(): Promise<Snapshot> {
    await this.agent();
    return new Promise((resolve) => {
      const stop = this.onChange((snapshot) => {
        stop();
        resolve(snapshot);
      });
      this.refresh();
    });
  }

  /** Calls with each new snapshot; returns how to stop. */
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
  }

  /** Calls with everything that the agent pushes, over whatever connection; returns how to stop. */
  onEvent(listener: (event: PushedEvent) => void): () => void {
    this.#heard.add(listener);
    return () => void this.#heard.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wake();
    for (const { reject } of this.#asking) reject(new Fault('INTERRUPTED', { detail: 'the window closes' }));
    await this.#agent?.close();
  }

  async #connected(): Promise<AgentConnection | null> {
    this.#isAsked = false;
    try {
      const agent = await this.#options.connect();
      if (this.#closed) {
        await agent.close();
        return null;
      }
      this.#agent = agent;
      for (const { resolve } of this.#asking) resolve(agent);
      return agent;
    } catch (error) {
      this.#options.log(`no agent: ${faultWords(error).detail}`);
      this.#tell(snapshotOf(error));
      for (const { reject } of this.#asking) reject(error);
      return null;
    } finally {
      this.#asking.clear();
    }
  }

  async #attend(agent: AgentConnection): Promise<void> {
    const unheard = agent.on((event) => {
      for (const listener of this.#heard) listener(event);
      this.#readIn(GATHER);
    });
    this.#readIn(0);
    await agent.closed;
    unheard();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#agent = null;
    if (!this.#closed) this.#options.log('the agent is gone');
  }

  #pause(failures: number): Promise<void> {
    // Who belongs to no realm waits for a person, not for time.
    const longest = this.#snapshot.kind === 'no-realm' ? null : (PAUSES[failures - 1] ?? PAUSES[4]);
    return new Promise((resolve) => {
      const timer = longest === null ? undefined : setTimeout(() => this.#wake(), longest);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      if (this.#closed || this.#isAsked) this.#wake();
    });
  }

  #readIn(milliseconds: number): void {
    if (this.#reading !== null) this.#stale = true;
    else this.#timer ??= setTimeout(() => this.#begin(), milliseconds);
  }

  #begin(): void {
    this.#timer = undefined;
    this.#stale = false;
    const begun = performance.now();
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
      if (this.#stale && this.#agent !== null)
        this.#readIn(Math.max(GATHER, REST * (performance.now() - begun)));
    });
  }

  async #read(): Promise<void> {
    const agent = this.#agent;
    if (agent === null) return;
    try {
      const before: Said | null = this.#snapshot.kind === 'connected' ? this.#snapshot.said : null;
      const said = await readSaid(agent, before, this.#options.wantsConfiguration());
      if (this.#agent === agent) this.#tell({ kind: 'connected', said });
    } catch (error) {
      // A connection that broke is made anew, and then everything is asked again.
      if (this.#agent === agent && !isFault(error, 'AGENT_UNAVAILABLE')) this.#tell(snapshotOf(error));
      this.#options.log(`cannot read: ${faultWords(error).detail}`);
    }
  }

  #tell(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#changed) listener(snapshot);
  }
}

function snapshotOf(thrown: unknown): Snapshot {
  if (isFault(thrown, 'NOT_A_MEMBER')) return { kind: 'no-realm' };
  return { kind: 'failed', ...faultWords(thrown) };
}
