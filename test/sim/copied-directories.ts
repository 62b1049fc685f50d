import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { publish } from './administration.ts';
import type { SimHost } from './host.ts';
import { quiet } from './quiet.ts';
import { FEATURES } from './registries.ts';
import { simulate } from './run.ts';
import type { Invariant } from './trace.ts';
import type { World } from './world.ts';

/** What two machines with one key break before they hear each other, and what their realm cannot repair by itself. */
const BROKEN = new Set<Invariant>([
  ...(['one-history', 'one-ack', 'durable-before-seen', 'seats-of-feature', 'seats-of-lot'] as const),
  ...(['converged', 'nothing-lost', 'decides'] as const),
]);

/** When a host is copied, and the seconds after which whatever is said at one relay has been heard, signed and handed on. */
const COPIED = 600;
const HEARD = 150;
const SEEDS = [1, 2, 3];

/** What a run with two machines with one key came to. */
interface Watched {
  /** The most by which the leases of a feature were more than its seats. */
  over: number;
  /** Looks at which they were so by more than the copy had lent and sent away. */
  unbounded: number;
  /** Looks at which one of both had more leases than before, though it knew that it must begin anew. */
  grew: number;
  /** How many of both know that in the end. */
  stale: number;
}

/** Copies a host with its counter, and lets the copy reach the relay so many seconds later. */
async function watchCopy(seed: number, apart: number): Promise<Watched> {
  const found: Watched = { over: 0, unbounded: 0, grew: 0, stale: 0 };
  const { violation } = await simulate(seed, {
    profile: quiet({}, { demand: 2, length: COPIED + apart + 600 }),
    sabotage: { tolerates: BROKEN },
    prepare(world) {
      world.timeline.after(30, () => publish(world.hosts[0] as SimHost));
      world.timeline.after(COPIED, () => copy(world, apart, found));
    },
  });
  strictEqual(violation, null, violation?.message);
  return found;
}

function copy(world: World, apart: number, found: Watched): void {
  const { network, timeline } = world;
  const original = world.hosts[3] as SimHost;
  const length = original.runtime?.model.state.ledger.logs.get(original.log)?.length ?? 0;
  const { counter, image } = original.backup();
  const clone = world.addHost(original.device, image);
  clone.counter = counter;
  const meet = timeline.now() + apart;
  const { connect } = network;
  network.connect = (host) => {
    if (host !== clone || timeline.now() >= meet) connect(host);
  };
  clone.start(Number.POSITIVE_INFINITY);
  timeline.after(apart, () => network.connect(clone));
  const twins = [original, clone];
  const lentByCopy = new Map<string, number>();
  const had = new Map<SimHost, number>();

  function look(): void {
    if (!world.stormy) return;
    for (const feature of FEATURES) {
      const byCopy = leasesOf(world, feature, clone);
      lentByCopy.set(feature, Math.max(byCopy, lentByCopy.get(feature) ?? 0));
      const over = leasesOf(world, feature) - seatsOf(original, feature);
      found.over = Math.max(found.over, over);
      if (over > (lentByCopy.get(feature) ?? 0) + sentBy(clone, feature, length)) found.unbounded += 1;
    }
    const stale = twins.filter(({ runtime }) => runtime?.model.stale === true);
    for (const host of stale) {
      const open = [...(host.runtime?.model.leases.values() ?? [])];
      const has = open.filter(({ lease }) => lease.under === undefined).length;
      if (has > (had.get(host) ?? Number.POSITIVE_INFINITY)) found.grew += 1;
      had.set(host, has);
    }
    if (timeline.now() >= meet + HEARD) found.stale = stale.length;
    timeline.after(1, look);
  }
  look();
}

/** Leases of a feature that tools hold now: of all hosts, or of one. */
function leasesOf({ hosts, timeline, tools }: World, feature: string, only?: SimHost): number {
  const held = tools.all.filter(({ lease, state }) => state === 'holding' && lease?.feature === feature);
  const open = held.filter(({ lease }) => (lease?.end ?? 0) > timeline.now());
  // Whoever uses a borrowed seat and whoever borrowed it use one seat.
  const on = (host: SimHost) =>
    new Set(open.filter((tool) => tool.host === host).map(({ lease }) => lease?.under ?? lease?.id)).size;
  return (only === undefined ? hosts : [only]).reduce((sum, host) => sum + on(host), 0);
}

function seatsOf({ runtime }: SimHost, feature: string): number {
  return runtime?.model.applied?.configuration.registry.features[feature]?.seats ?? 0;
}

/** Seats that left a host since its log was so long. */
function sentBy({ log, runtime }: SimHost, feature: string, since: number): number {
  const own = runtime?.model.state.ledger.logs.get(log)?.slice(since) ?? [];
  return own.reduce(
    (sum, record) =>
      record.type === 'transfer' && record.body.feature === feature ? sum + record.body.seats : sum,
    0,
  );
}

describe('A data directory that was copied with its counter, in simulated realms', () => {
  for (const [where, apart] of [
    ['on the network from the start', 0],
    ['off the network for ten minutes', 600],
  ] as const) {
    it(`stops one of both at least, ${where}, and lends no more than the copy did before`, async function () {
      this.timeout(0);
      const found: Watched[] = [];
      for (const seed of SEEDS) found.push(await watchCopy(seed, apart));
      deepStrictEqual(
        found.map(({ grew, stale, unbounded }) => ({ grew, stopped: stale > 0, unbounded })),
        SEEDS.map(() => ({ grew: 0, stopped: true, unbounded: 0 })),
      );
      // Where one has signed something else before it heard the other that one goes on alone.
      ok(found.some(({ stale }) => stale === (apart === 0 ? 2 : 1)));
      ok(apart === 0 || found.some(({ over }) => over > 0), 'a copy by itself must lend seats a second time');
    });
  }
});
