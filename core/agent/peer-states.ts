import { z } from 'zod';
import { idleByFeature } from '../engine/idle-seats.ts';
import type { Model } from '../engine/model.ts';
import type { Peer } from '../engine/peer.ts';
import { isLogId, type LogId } from '../units.ts';

const count = z.int().min(0).max(1_000_000);
const name = z.string().max(256);

const PeerState = z.object({
  free: z.record(z.string().max(64), count),
  leases: z
    .array(
      z.object({
        ...{ feature: name, user: name, tool: name, since: z.number(), end: z.number() },
        // Hosts of an earlier version do not say them.
        id: name.optional(),
        pid: z.int().nullable().optional(),
      }),
    )
    .max(1000),
});

/** What a host says of itself over presence: idle seats by feature, and who uses the others. */
export type PeerState = z.infer<typeof PeerState>;

/** Bytes of presence that a relay lets others hold, less what surrounds the state. */
const MAX_STATE_BYTES = 3900;

/** What this host says now; the ids of leases that would make it too long are left out, then the leases, the newest first. */
export function ownState(model: Model): PeerState {
  const leases = [...model.leases.values()]
    .filter(({ lease }) => lease.under === undefined)
    .map(({ lease: { end, feature, id, process, since, user } }): PeerState['leases'][number] => ({
      ...{ id, feature, user, tool: process.tool, pid: process.pid },
      ...{ since: Math.floor(since), end: Math.floor(end) },
    }))
    .sort((a, b) => a.since - b.since);
  const free = Object.fromEntries(idleByFeature(model));
  for (;;) {
    const state = { free, leases };
    if (leases.length === 0 || Buffer.byteLength(JSON.stringify(state)) <= MAX_STATE_BYTES) return state;
    const named = leases.findLast(({ id }) => id !== undefined);
    if (named === undefined) leases.pop();
    else delete named.id;
  }
}

/** What others said, by log, as far as it has the form of a host's state. */
export function peerStates(said: ReadonlyMap<number, unknown>): ReadonlyMap<LogId, PeerState> {
  const states = new Map<LogId, PeerState>();
  for (const [client, state] of said) {
    const read = PeerState.safeParse(state);
    if (isLogId(client) && read.success) states.set(client, read.data);
  }
  return states;
}

/** The part of it that tells whom to ask for seats, and who uses how many. */
export function peersOf(states: ReadonlyMap<LogId, PeerState>): ReadonlyMap<LogId, Peer> {
  return new Map(
    [...states].map(([log, { free, leases }]) => [
      log,
      { free: new Map(Object.entries(free)), used: leases },
    ]),
  );
}

/** The same of hosts that cannot be asked: what they use counts against limits, and what they had to spare is no offer. */
export function withoutOffers(peers: ReadonlyMap<LogId, Peer>): ReadonlyMap<LogId, Peer> {
  return new Map([...peers].map(([log, peer]) => [log, { ...peer, free: new Map<string, number>() }]));
}
