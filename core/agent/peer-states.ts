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
  const free = Object.fromEntries(idleByFeature(model));
  const held = [...model.leases.values()]
    .filter(({ lease }) => lease.under === undefined)
    .sort((a, b) => a.lease.since - b.lease.since);
  const leases: SaidLease[] = [];
  let left = MAX_STATE_BYTES - bytesOf({ free, leases });
  for (const { lease } of held) {
    const { end, feature, process, since, user } = lease;
    const said = { feature, user, tool: process.tool, pid: process.pid };
    leases.push({ ...said, since: Math.floor(since), end: Math.floor(end) });
    left -= bytesOf(leases.at(-1)) + 1;
    if (left >= 0) continue;
    leases.pop();
    return { free, leases };
  }
  for (const [i, said] of leases.entries()) {
    const id = held[i]?.lease.id;
    left -= bytesOf({ id });
    if (left < 0) break;
    leases[i] = { id, ...said };
  }
  return { free, leases };
}

type SaidLease = PeerState['leases'][number];

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
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
