import type { Answer } from '../../core/engine/effect.ts';
import { idleByFeature } from '../../core/engine/idle-seats.ts';
import type { Peer } from '../../core/engine/peer.ts';
import { ASK_FOR } from '../../core/engine/seat-asking.ts';
import { seededRandom } from '../support/random.ts';
import { ADMIN, publish, registryOf } from './administration.ts';
import { type DemandOptions, deniedByCounter, drawDemand, type Wanted } from './demand.ts';
import type { SimHost } from './host.ts';
import { CLASSES_BY_DAY, DAYWISE } from './months.ts';
import type { Range } from './profile.ts';
import { quiet } from './quiet.ts';
import { FEATURES, USERS } from './registries.ts';
import { simulate } from './run.ts';
import { between, type World } from './world.ts';

/** Who reaches whom while seats are wanted. */
export type Links = 'all' | 'two-sides' | 'none';

/** What came of one demand. */
interface Denials {
  readonly requests: number;
  /** By one counter that knows everything. */
  readonly byCounter: number;
  readonly byHosts: number;
  /** Why, as the hosts said. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Seats that some host had idle when another denied, summed up over all denials. */
  readonly idleElsewhere: number;
  /** Leases that were over before they were given back, as no seat was left for them in the next term. */
  readonly cut: number;
  /** The most that were in use at once. */
  readonly most: number;
}

const [FEATURE] = FEATURES;
const HOUR = 3600;
/** From the start until seats are wanted: a version gives the seats, and all have applied it. */
const BEFORE = 2 * HOUR;
/** How old what a host said is when a seat is wanted: it says what has changed each second, gathered, and it has a way to go. */
const AGE: Range = [0.3, 3];
/** Client numbers of those who want seats, above those of tools. */
const FIRST_CLIENT = 1_000_000;

/** Feeds one demand to the hosts of a realm and to one counter. */
export async function compareDenials(seed: number, links: Links, options: DemandOptions): Promise<Denials> {
  const demand = drawDemand(seededRandom(seed), { ...options, users: USERS.length });
  const last = Math.max(...demand.map(({ at, span }) => at + span));
  const found = { byHosts: 0, idleElsewhere: 0, cut: 0, most: 0, reasons: new Map<string, number>() };
  const { violation } = await simulate(seed, {
    profile: quiet(
      {},
      {
        ...{ hosts: options.hosts, voters: 3, length: BEFORE + last, demand: 1e12, pace: 1e12 },
        ...{ classes: CLASSES_BY_DAY, classFor: () => (links === 'none' ? 'lab' : 'office') },
        tempo: { ...DAYWISE, presence: [1e9, 1e9] as const, syncs: [600, 1200] as const },
        weather: { slowest: 0, lost: 0, doubled: 0 },
      },
    ),
    prepare(world) {
      const after = (delay: number, work: () => void) => void world.timeline.after(delay, work);
      after(10, () => giveSeats(world, options.seats));
      after(BEFORE / 2, () => part(world, links));
      const said = new Map<SimHost, Peer>();
      const ages = seededRandom(seed + 1);
      demand.forEach((wanted, i) => {
        for (const host of world.hosts) after(BEFORE + wanted.at - between(ages, AGE), () => say(host, said));
        after(BEFORE + wanted.at, () => {
          meet(world, said);
          want(world, wanted, FIRST_CLIENT + i, found);
        });
      });
    },
  });
  if (violation !== null) throw violation;
  return {
    ...{ requests: demand.length, byCounter: deniedByCounter(demand, options.seats) },
    ...{
      byHosts: found.byHosts,
      reasons: found.reasons,
      idleElsewhere: found.idleElsewhere,
      cut: found.cut,
      most: found.most,
    },
  };
}

function giveSeats({ hosts: [first] }: World, seats: number): void {
  const was = first === undefined ? null : registryOf(first);
  if (first === undefined || was === null) return;
  const registry = structuredClone(was);
  const feature = registry.features[FEATURE];
  if (feature !== undefined) feature.seats = seats;
  first.submit(ADMIN, { do: 'set-registry', registry, was });
  publish(first);
}

function part(world: World, links: Links): void {
  const { hosts, network } = world;
  if (links === 'two-sides') network.part(hosts.filter((_, i) => i % 2 === 1));
  if (links !== 'none') return;
  for (const host of hosts) network.disconnect(host);
  const { connect } = network;
  network.connect = (host) => {
    if (!world.stormy) connect(host);
  };
}

function say(host: SimHost, said: Map<SimHost, Peer>): void {
  if (host.runtime !== null) said.set(host, { free: idleByFeature(host.runtime.model) });
}

function meet({ hosts, network }: World, said: ReadonlyMap<SimHost, Peer>): void {
  for (const to of hosts) {
    const heard = [...said].filter(([from]) => from !== to && network.reaches(from, to));
    to.use((runtime) => runtime.meet(new Map(heard.map(([from, peer]) => [from.log, peer]))));
  }
}

interface Found {
  byHosts: number;
  idleElsewhere: number;
  cut: number;
  most: number;
  readonly reasons: Map<string, number>;
}

function want(world: World, wanted: Wanted, client: number, found: Found): void {
  const host = world.hosts[wanted.host] as SimHost;
  const request = {
    ...{ feature: FEATURE, user: USERS[wanted.user] ?? USERS[0], tie: 'connection' as const, wait: false },
    process: { tool: 'tool', pid: null, startTime: null },
  };
  const id = `wanted-${client}`;
  const answered = (answer: Answer): void => {
    if (!answer.ok) {
      note(world, found, answer);
      return;
    }
    const inUse = world.hosts.map(({ runtime }) => runtime?.model.leases.inUse.get(FEATURE) ?? 0);
    found.most = Math.max(
      found.most,
      inUse.reduce((sum, each) => sum + each, 0),
    );
    world.timeline.after(wanted.span, () => {
      if (host.runtime?.model.leases.has(id) === false) found.cut += 1;
      host.submit(client, { do: 'return', lease: id, reason: null });
      host.use((runtime) => {
        runtime.clientGone(client);
        return undefined;
      });
    });
  };
  host.use((runtime) => runtime.submit(client, { do: 'checkout', request, id, secret: id }).then(answered));
  // Agents look at the clock each second: while an answer is awaited, that matters.
  for (let second = 1; second <= ASK_FOR + 1; second++) {
    world.timeline.after(second, () => {
      for (const each of world.hosts) each.use((runtime) => runtime.tick());
    });
  }
}

function note({ hosts }: World, found: Found, { reason }: Answer & { readonly ok: false }): void {
  found.byHosts += 1;
  const idle = hosts.reduce((sum, { runtime }) => {
    const free = runtime?.model.lots?.ok === true ? runtime.model.lots.lot(FEATURE) : 0;
    return sum + Math.max(0, free - (runtime?.model.leases.inUse.get(FEATURE) ?? 0));
  }, 0);
  found.idleElsewhere += idle;
  const why = `${reason}${idle > 0 ? ' while seats were idle elsewhere' : ''}`;
  found.reasons.set(why, (found.reasons.get(why) ?? 0) + 1);
}
