import type { Hash } from '../../core/units.ts';
import { MAX_LOGS } from '../../core/wire/bounds.ts';
import { parseStateVector } from '../../core/wire/state-vector.ts';
import type { SeededRandom } from '../support/random.ts';
import type { SimHost } from './host.ts';
import { type Conduct, HONEST, hostileConduct, invention } from './hostility.ts';
import type { SimRelay } from './relay.ts';
import type { Timeline } from './timeline.ts';

/** How frames travel. */
export interface Weather {
  /** The longest that a frame takes, in seconds; frames overtake one another. */
  readonly slowest: number;
  readonly lost: number;
  readonly doubled: number;
}

/** Frames that arrive, each once, almost at once. */
export const FAIR: Weather = { slowest: 0.01, lost: 0, doubled: 0 };

type Frame =
  | { readonly kind: 'hello' }
  | { readonly kind: 'update'; readonly bytes: Uint8Array }
  | { readonly kind: 'ask'; readonly bytes: Uint8Array }
  | { readonly kind: 'heads'; readonly bytes: Uint8Array; readonly honest: boolean };

/** What the network needs of the world. */
export interface NetworkOptions {
  readonly realm: Hash;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly relay: SimRelay;
  hosts(): readonly SimHost[];
  /** Bytes leave a host for others to see. */
  seen(host: SimHost, bytes: Uint8Array): void;
}

/** The links between hosts and their relay, and what a person carries by hand. */
export interface Network {
  weather: Weather;
  conduct: Conduct;
  connect(host: SimHost): void;
  disconnect(host: SimHost): void;
  isConnected(host: SimHost): boolean;
  /** Brings host and relay to the same state, as far as frames arrive. */
  resync(host: SimHost): void;
  /** Sends what a host publishes. */
  publish(host: SimHost, bytes: Uint8Array): void;
  /** Takes what one host has and another lacks from the one to the other. */
  carry(from: SimHost, to: SimHost): void;
  turnHostile(): void;
  turnHonest(): void;
}

const KEPT_FRAMES = 60;

/** A network without connections. */
export function newNetwork(options: NetworkOptions): Network {
  const { random, realm, relay, timeline } = options;
  const sessions = new Map<SimHost, number>();
  const oldFrames: Uint8Array[] = [];
  let nextSession = 1;

  function travel(host: SimHost, deliver: () => void): void {
    const session = sessions.get(host);
    const { doubled, lost, slowest } = network.weather;
    if (session === undefined || random.next() < lost) return;
    const times = random.next() < doubled ? 2 : 1;
    for (let i = 0; i < times; i++) {
      timeline.after(random.next() * slowest, () => {
        if (sessions.get(host) === session) deliver();
      });
    }
  }

  function toRelay(host: SimHost, frame: Frame): void {
    travel(host, () => atRelay(host, frame));
  }

  function atRelay(host: SimHost, frame: Frame): void {
    const { asOf } = network.conduct;
    switch (frame.kind) {
      case 'hello': {
        const honest = network.conduct === HONEST;
        toHost(host, { kind: 'heads', bytes: relay.stateVector(asOf ?? undefined), honest });
        return;
      }
      case 'ask': {
        const bytes = relay.lackedBy(frame.bytes, withheldFrom(host), asOf ?? undefined);
        if (bytes !== null) toHost(host, { kind: 'update', bytes });
        return;
      }
      case 'update': {
        const fresh = relay.take(frame.bytes);
        if (fresh === null) return;
        for (const other of options.hosts()) {
          if (other !== host && withheldFrom(other).size === 0)
            toHost(other, { kind: 'update', bytes: fresh });
        }
        return;
      }
      case 'heads':
        return;
    }
  }

  function withheldFrom(host: SimHost) {
    return network.conduct.withheld.get(host.name) ?? new Set<never>();
  }

  function toHost(host: SimHost, frame: Frame): void {
    travel(host, () => atHost(host, frame));
    if (frame.kind !== 'update') return;
    oldFrames.push(frame.bytes);
    if (oldFrames.length > KEPT_FRAMES) oldFrames.shift();
    const { inventions, replays } = network.conduct;
    if (random.next() < replays) {
      const bytes = random.pick(oldFrames);
      travel(host, () => atHost(host, { kind: 'update', bytes }));
    }
    if (random.next() >= inventions) return;
    void invention(relay, realm, random).then((bytes) => {
      travel(host, () => atHost(host, { kind: 'update', bytes }));
    });
  }

  function atHost(host: SimHost, frame: Frame): void {
    if (frame.kind === 'update') host.use((runtime) => runtime.update(frame.bytes));
    if (frame.kind === 'heads') compare(host, frame.bytes, frame.honest);
  }

  // What the agent does with a relay's state vector: own log first (rule R7), then both ways.
  function compare(host: SimHost, stateVector: Uint8Array, honest: boolean): void {
    const have = parseStateVector(stateVector, MAX_LOGS);
    host.use((runtime) => {
      if (!have.ok) return undefined;
      const own = runtime.model.state.ledger.logs.get(host.log)?.length ?? 0;
      const behind = (have.value.get(host.log) ?? 0) > own;
      for (const bytes of runtime.lackedBy(stateVector)) {
        options.seen(host, bytes);
        toRelay(host, { kind: 'update', bytes });
      }
      toRelay(host, { kind: 'ask', bytes: runtime.stateVector() });
      // Who has lost the counter too can only trust a relay that tells the truth.
      return behind || (host.needsWitness && !honest) ? undefined : runtime.compared();
    });
  }

  const network: Network = {
    weather: FAIR,
    conduct: HONEST,
    connect(host) {
      if (sessions.has(host)) return;
      sessions.set(host, nextSession);
      nextSession += 1;
      network.resync(host);
    },
    disconnect: (host) => void sessions.delete(host),
    isConnected: (host) => sessions.has(host),
    resync: (host) => toRelay(host, { kind: 'hello' }),
    publish: (host, bytes) => toRelay(host, { kind: 'update', bytes }),
    carry(from, to) {
      from.use((runtime) => {
        const target = to.runtime;
        if (target === null) return undefined;
        const portions = runtime.lackedBy(target.stateVector());
        for (const bytes of portions) {
          options.seen(from, bytes);
          to.use((other) => other.update(bytes));
        }
        return undefined;
      });
    },
    turnHostile() {
      const names = options.hosts().map((host) => host.name);
      network.conduct = hostileConduct(relay, names, random);
    },
    turnHonest() {
      network.conduct = HONEST;
    },
  };
  return network;
}
