import type { Model } from '../../core/engine/model.ts';
import { countRealm } from './counting.ts';
import { demand, happen, routine } from './happenings.ts';
import type { SimHost } from './host.ts';
import { gossip } from './presence.ts';
import type { drawProfile, Profile, Range } from './profile.ts';
import { settle } from './settlement.ts';
import type { Tally } from './tally.ts';
import { watchTerms } from './terms.ts';
import type { Violation } from './trace.ts';
import { askTime, between, newWorld, type Sabotage, type World } from './world.ts';

/** What came of a run. */
export interface SimResult {
  readonly violation: Violation | null;
  /** Equal for two runs in which the same happened. */
  readonly digest: string;
  readonly tail: readonly string[];
  readonly figures: SimFigures;
  readonly tally: Tally;
}

/** How much happened. */
interface SimFigures {
  readonly hosts: number;
  readonly lines: number;
  readonly records: number;
  readonly versions: number;
  readonly leases: number;
}

/** What a test asks of a run beside the seed. */
export interface SimOptions {
  readonly profile?: Partial<Profile>;
  readonly sabotage?: Sabotage;
  /** How the rest of the profile is drawn. */
  readonly draw?: typeof drawProfile;
  /** Lines of the trace to give back. */
  readonly tail?: number;
  /** Called once the hosts run, before anything happens. */
  prepare?(world: World): void;
}

const TAIL = 60;

/** Runs one world from its seed to the end: a storm, then a calm in which all must agree. Stops at the first violation. */
export async function simulate(seed: number, options: SimOptions = {}): Promise<SimResult> {
  const world = await newWorld(seed, options.profile ?? {}, options.sabotage ?? {}, options.draw);
  const pass = (span: number) => passTime(world, span);
  world.network.weather = world.profile.weather;
  for (const host of world.hosts) host.start(Number.POSITIVE_INFINITY);
  await turn();
  regularWork(world);
  options.prepare?.(world);
  await pass(world.profile.length);
  if (world.oracle.violation === null) await settle(world, pass);
  return resultOf(world, options.tail ?? TAIL);
}

/** Lets time pass in a world: what is planned is done, and the oracle looks at it, until a first violation. */
export async function passTime(world: World, span: number): Promise<void> {
  const until = world.timeline.now() + span;
  const { timeline } = world;
  while (world.oracle.violation === null && timeline.advance(until)) {
    // What happens at one instant is done before anybody takes the next step, where steps are coarse.
    while (world.profile.tempo.byTerms && timeline.next() === timeline.now()) timeline.advance(until);
    await turn();
    for (const host of world.hosts) {
      world.oracle.look(host);
      world.seats.learn(host);
    }
    world.seats.check(world.tools.all, world.timeline.now());
  }
  world.timeline.skip(Math.max(0, until - world.timeline.now()));
}

/** All promises that can go on have gone on: nothing in a run waits for anything but the timeline. */
function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function regularWork(world: World): void {
  const { random, timeline } = world;
  const { presence, routine: looks, syncs, ticks } = world.profile.tempo;
  const every = ([least, most]: Range, work: () => void): void => {
    const again = () => {
      if (!world.stormy) return;
      work();
      timeline.after(least + random.next() * (most - least), again);
    };
    timeline.after(random.next() * least, again);
  };
  every([world.profile.pace * 0.2, world.profile.pace * 1.8], () => happen(world));
  every([2, 2 * world.profile.demand], () => demand(world));
  every(looks, () => routine(world));
  timeline.after(5, function again() {
    if (!world.stormy) return;
    gossip(world);
    timeline.after(between(world.seatChance, presence), again);
  });
  every(ticks, () => {
    for (const host of world.hosts) {
      if (random.int(3) === 0) host.use((runtime) => runtime.tick());
    }
  });
  if (world.profile.tempo.byTerms) watchTerms(world);
  every(syncs, () => {
    for (const host of world.hosts) {
      if (host.runtime === null) continue;
      if (random.int(3) === 0) void askTime(world, host);
      if (random.int(8) === 0) world.network.connect(host);
      world.network.resync(host);
    }
  });
}

function resultOf(world: World, tail: number): SimResult {
  const fullest = fullestOf(world.hosts);
  const figures = {
    hosts: world.hosts.length,
    lines: world.trace.count,
    records: fullest?.state.ledger.size ?? 0,
    versions: world.oracle.chain.size,
    leases: world.tools.granted,
  };
  if (fullest !== null) countRealm(world.count, fullest);
  world.count('stale', world.hosts.filter(({ runtime }) => runtime?.model.stale === true).length);
  return {
    violation: world.oracle.violation,
    digest: world.trace.digest(),
    tail: world.trace.tail(tail),
    figures,
    tally: world.tally,
  };
}

function fullestOf(hosts: readonly SimHost[]): Model | null {
  const models = hosts.map(({ runtime }) => runtime?.model).filter((model) => model !== undefined);
  const largest = Math.max(0, ...models.map(({ state }) => state.ledger.size));
  return models.find(({ state }) => state.ledger.size === largest) ?? null;
}
