import { idleByFeature } from '../../core/engine/idle-seats.ts';
import type { Peer } from '../../core/engine/peer.ts';
import type { LogId } from '../../core/units.ts';
import type { SimHost } from './host.ts';
import { FEATURES } from './registries.ts';
import type { World } from './world.ts';

const heard = new WeakMap<SimHost, Map<LogId, Peer>>();

/** Share of what is said that is made up. */
const LIES = 0.05;
/** Share of what is said that is forgotten: its host has left. */
const FORGOTTEN = 0.02;

/** Hosts say over their relay what they have to spare, and hear it late; some of it is a lie. */
export function gossip(world: World): void {
  const { network, profile, seatChance: random, timeline } = world;
  for (const from of world.hosts) {
    if (from.runtime === null || random.int(2) === 0) continue;
    const said = random.next() < LIES ? lie(world) : { free: idleByFeature(from.runtime.model) };
    for (const to of world.hosts) {
      // Whatever is said under a host's own log is no peer's word.
      if (to.log === from.log || !network.reaches(from, to)) continue;
      const peers = heard.get(to) ?? new Map<LogId, Peer>();
      heard.set(to, peers);
      const isGone = random.next() < FORGOTTEN;
      const hear = () => void (isGone ? peers.delete(from.log) : peers.set(from.log, said));
      const late = random.next() * network.weather.slowest;
      if (profile.tempo.byTerms) hear();
      else timeline.after(late, hear);
    }
  }
  meetTwins(world);
  for (const host of world.hosts) {
    const peers = heard.get(host);
    if (peers !== undefined) host.use((runtime) => runtime.meet(new Map(peers)));
  }
}

// Each answers the other with its name, so either both know that they have met or neither does.
function meetTwins({ hosts, network }: World): void {
  hosts.forEach((host, i) => {
    const isTwin = (other: SimHost) =>
      other !== host && other.log === host.log && other.runtime !== null && network.reaches(other, host);
    const run = Uint8Array.of(i, host.lives, 0, 0, 0, 0, 0, 0);
    if (host.runtime !== null && hosts.some(isTwin)) host.use((runtime) => runtime.meetTwin(run));
  });
}

function lie({ seatChance: random }: World): Peer {
  return { free: new Map(FEATURES.map((feature) => [feature, random.int(4)])) };
}
