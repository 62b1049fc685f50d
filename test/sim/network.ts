import { type ForkShowing, forkShowing } from '../../core/agent/fork-showing.ts';
import type { Runtime } from '../../core/runtime/runtime.ts';
import type { Hash, LogId } from '../../core/units.ts';
import { encodeAppend } from '../../core/wire/append.ts';
import { MAX_LOGS } from '../../core/wire/bounds.ts';
import { parseStateVector } from '../../core/wire/state-vector.ts';
import type { SeededRandom } from '../support/random.ts';
import type { SimHost } from './host.ts';
import { type Conduct, HONEST, hostileConduct, invention } from './hostility.ts';
import type { SimRelay } from './relay.ts';
import type { Count } from './tally.ts';
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
  | { readonly kind: 'refused'; readonly log: LogId }
  | { readonly kind: 'heads'; readonly bytes: Uint8Array; readonly honest: boolean };

type Way = 'up' | 'down';

/** What the network needs of the world. */
interface NetworkOptions {
  readonly realm: Hash;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly relay: SimRelay;
  /** The relay of the other side, while the network is parted. */
  readonly otherRelay: SimRelay;
  readonly count: Count;
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
  /** Whether what the one says over presence can reach the other. */
  reaches(from: SimHost, to: SimHost): boolean;
  /** Brings host and relay to the same state, as far as frames arrive. */
  resync(host: SimHost): void;
  /** Sends what a host publishes. */
  publish(host: SimHost, bytes: Uint8Array): void;
  /** Takes what one host has and another lacks from the one to the other, where it arrives some seconds later. */
  carry(from: SimHost, to: SimHost, late?: number): void;
  /** Hands a record to a host past any relay. */
  slip(host: SimHost, log: LogId, seq: number, record: Uint8Array): void;
  /** Parts the network: these hosts reach the other relay only, and nobody hears the other side. */
  part(others: Iterable<SimHost>): void;
  /** Everybody reaches the one relay again. */
  join(): void;
  turnHostile(): void;
  turnHonest(): void;
}

const KEPT_FRAMES = 60;

/** A network without connections. */
export function newNetwork(options: NetworkOptions): Network {
  const { count, otherRelay, random, realm, timeline } = options;
  const sessions = new Map<SimHost, number>();
  const overThere = new Set<SimHost>();
  const newestDelivered = { up: new Map<SimHost, number>(), down: new Map<SimHost, number>() };
  const showings = new WeakMap<Runtime, ForkShowing>();
  let nextFrame = 1;
  const oldFrames: Uint8Array[] = [];
  let nextSession = 1;

  function travel(host: SimHost, way: Way, deliver: () => void): void {
    const session = sessions.get(host);
    const { doubled, lost, slowest } = network.weather;
    if (session === undefined) return;
    if (random.next() < lost) {
      count('lost');
      return;
    }
    const times = random.next() < doubled ? 2 : 1;
    if (times > 1) count('doubled');
    const number = nextFrame;
    nextFrame += 1;
    for (let i = 0; i < times; i++) {
      timeline.after(random.next() * slowest, () => {
        if (sessions.get(host) !== session) return;
        noteDelivery(newestDelivered[way], host, number);
        deliver();
      });
    }
  }

  function noteDelivery(delivered: Map<SimHost, number>, host: SimHost, number: number): void {
    const newest = delivered.get(host) ?? 0;
    count('frame');
    if (number < newest) count('overtook');
    delivered.set(host, Math.max(number, newest));
  }

  function relayOf(host: SimHost): SimRelay {
    return overThere.has(host) ? otherRelay : options.relay;
  }

  // What a hostile relay claims to have is about its own records; the relay of the other side claims what it has.
  function claimTo(host: SimHost): ReadonlyMap<LogId, number> | undefined {
    return overThere.has(host) ? undefined : (network.conduct.asOf ?? undefined);
  }

  // Another relay may lack what the one relay had of a log, so it is no witness of where that log ends.
  function isWitness(host: SimHost): boolean {
    return network.conduct === HONEST && !overThere.has(host);
  }

  function move(others: ReadonlySet<SimHost>): void {
    const moved = [...options.hosts()].filter((host) => others.has(host) !== overThere.has(host));
    overThere.clear();
    for (const host of others) overThere.add(host);
    for (const host of moved) {
      // A new session: what is on its way over the old link is lost.
      if (!sessions.delete(host)) continue;
      network.connect(host);
    }
  }

  function toRelay(host: SimHost, frame: Frame): void {
    travel(host, 'up', () => atRelay(host, frame));
  }

  function atRelay(host: SimHost, frame: Frame): void {
    const relay = relayOf(host);
    switch (frame.kind) {
      case 'hello': {
        const bytes = relay.stateVector(claimTo(host));
        toHost(host, { kind: 'heads', bytes, honest: isWitness(host) });
        return;
      }
      case 'ask': {
        const withheld = withheldFrom(host);
        if (withheld.size > 0) count('withheld');
        const bytes = relay.lackedBy(frame.bytes, withheld, claimTo(host));
        if (bytes !== null) toHost(host, { kind: 'update', bytes });
        for (const each of relay.strays(withheld)) toHost(host, { kind: 'update', bytes: each });
        return;
      }
      case 'update': {
        const { fresh, refused } = relay.take(frame.bytes);
        for (const log of refused) toHost(host, { kind: 'refused', log });
        if (fresh === null) return;
        for (const other of options.hosts()) {
          if (other === host || relayOf(other) !== relay) continue;
          if (withheldFrom(other).size === 0) toHost(other, { kind: 'update', bytes: fresh });
        }
        return;
      }
      case 'heads':
      case 'refused':
        return;
    }
  }

  function withheldFrom(host: SimHost) {
    return network.conduct.withheld.get(host.name) ?? new Set<never>();
  }

  function toHost(host: SimHost, frame: Frame): void {
    travel(host, 'down', () => atHost(host, frame));
    if (frame.kind !== 'update') return;
    oldFrames.push(frame.bytes);
    if (oldFrames.length > KEPT_FRAMES) oldFrames.shift();
    const { inventions, replays } = network.conduct;
    if (random.next() < replays) {
      const bytes = random.pick(oldFrames);
      count('replayed');
      travel(host, 'down', () => atHost(host, { kind: 'update', bytes }));
    }
    if (random.next() >= inventions) return;
    count('invented');
    void invention(options.relay, realm, random).then((bytes) => {
      travel(host, 'down', () => atHost(host, { kind: 'update', bytes }));
    });
  }

  function atHost(host: SimHost, frame: Frame): void {
    if (frame.kind === 'update') {
      host.use((runtime) =>
        runtime.update(frame.bytes).then((refused) => showing(host, runtime).met(refused)),
      );
    }
    if (frame.kind === 'refused') {
      host.use((runtime) => Promise.resolve(showing(host, runtime).refusedThere(frame.log)));
    }
    if (frame.kind === 'heads') compare(host, frame.bytes, frame.honest);
  }

  function showing(host: SimHost, runtime: Runtime): ForkShowing {
    // A process that has ended shows nobody anything.
    const alive = (bytes: Uint8Array) => (host.runtime === runtime ? show(host, bytes) : undefined);
    const known = showings.get(runtime) ?? forkShowing(runtime, alive);
    showings.set(runtime, known);
    return known;
  }

  function show(host: SimHost, bytes: Uint8Array): void {
    options.seen(host, bytes);
    toRelay(host, { kind: 'update', bytes });
  }

  // What the agent does with a relay's state vector: own log first (rule R7), then both ways.
  function compare(host: SimHost, stateVector: Uint8Array, honest: boolean): void {
    const have = parseStateVector(stateVector, MAX_LOGS);
    host.use((runtime) => {
      if (!have.ok) return undefined;
      const own = runtime.model.state.ledger.logs.get(host.log)?.length ?? 0;
      const behind = (have.value.get(host.log) ?? 0) > own;
      for (const bytes of runtime.lackedBy(stateVector)) show(host, bytes);
      const forks = showing(host, runtime);
      forks.reset();
      forks.begin();
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
    reaches: (from, to) => sessions.has(from) && sessions.has(to) && relayOf(from) === relayOf(to),
    resync: (host) => toRelay(host, { kind: 'hello' }),
    publish: (host, bytes) => toRelay(host, { kind: 'update', bytes }),
    slip(host, log, from, record) {
      host.use((runtime) => runtime.update(encodeAppend([{ log, from, records: [record] }])));
    },
    part: (others) => move(new Set(others)),
    join: () => move(new Set()),
    carry(from, to, late = 0) {
      count('carried');
      from.use((runtime) => {
        const target = to.runtime;
        if (target === null) return undefined;
        const portions = runtime.lackedBy(target.stateVector());
        for (const bytes of portions) {
          options.seen(from, bytes);
          const arrive = () => to.use((other) => other.update(bytes));
          if (late === 0) arrive();
          else timeline.after(late, arrive);
        }
        for (const bytes of runtime.strays()) to.use((other) => other.update(bytes));
        return undefined;
      });
    },
    turnHostile() {
      const names = options.hosts().map((host) => host.name);
      count('hostile');
      network.conduct = hostileConduct(options.relay, names, random);
    },
    turnHonest() {
      network.conduct = HONEST;
    },
  };
  return network;
}
