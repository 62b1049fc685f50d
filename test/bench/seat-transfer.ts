import { setTimeout as pause } from 'node:timers/promises';
import { systemRandom } from '../../core/adapters/random.ts';
import type { AgentClient } from '../../core/agent/client.ts';
import { giveBack, leaseName, takeLease } from '../../core/agent/lease-taking.ts';
import { type Lab, withLab } from '../support/lab.ts';
import { atMost, type Bench, percentile, type Row } from './row.ts';

/** The seats and the feature of the lab that tests run in. */
const SEATS = 8;
const FEATURE = 'sim.pro';
const USER = 'ana';
/** "Well under a second." */
const P99_MS = 500;
const LOOK_MS = 10;

/**
 * Checkouts that find every seat of their host in use and get one from another host: agents and relay as they ship, each a
 * process of its own, all on this machine.
 */
export const seatTransfer: Bench = {
  name: 'seat-transfer',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const hosts of quick ? [2, 3] : [2, 5, 10]) {
      const others = Array.from({ length: hosts - 1 }, (_, i) => `ws-${String(i + 2).padStart(2, '0')}`);
      await withLab(Object.fromEntries(others.map((id) => [id, []])), async (lab) => {
        const members = [lab.founder, ...others.map(lab.of)];
        const clients = await connected(lab, members);
        const single = await oneByOne(clients, quick ? 10 : 200);
        const bursts = await inARow(clients, quick ? 2 : 20);
        rows.push(...rowsOf(hosts, 'one at a time', single), ...rowsOf(hosts, 'all in a row', bursts));
      });
    }
    return rows;
  },
};

async function connected(lab: Lab, hosts: Parameters<Lab['client']>[0][]): Promise<readonly AgentClient[]> {
  const clients: AgentClient[] = [];
  for (const host of hosts) clients.push(await lab.client(host));
  return clients;
}

/** Each host in turn fills its seats, and needs one more; the seats stay spread. */
async function oneByOne(clients: readonly AgentClient[], samples: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; times.length < samples; round++) {
    const client = await nextOf(clients, round);
    const own = await lotOf(client);
    // Where it has all seats already nobody is left to send one.
    if (own === SEATS) continue;
    const leases: string[] = [];
    for (let seat = 0; seat < own; seat++) leases.push((await take(client)).lease);
    const { lease, milliseconds } = await take(client);
    times.push(milliseconds);
    for (const each of [...leases, lease]) await giveBack(client, each, null);
  }
  return times;
}

/** Each host in turn takes all the seats there are, without waiting for what others say of theirs. */
async function inARow(clients: readonly AgentClient[], rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const client = await nextOf(clients, round);
    const own = await lotOf(client);
    const leases: string[] = [];
    for (let seat = 0; seat < SEATS; seat++) {
      const { lease, milliseconds } = await take(client);
      leases.push(lease);
      if (seat >= own) times.push(milliseconds);
    }
    for (const each of leases) await giveBack(client, each, null);
  }
  return times;
}

/** The host whose turn it is, once it knows that every seat is idle. */
async function nextOf(clients: readonly AgentClient[], round: number): Promise<AgentClient> {
  const client = clients[round % clients.length];
  if (client === undefined) throw new Error('expected a host');
  for (;;) {
    const [report] = (await client.request('seats', {})).features;
    const idle = (report?.hosts ?? []).reduce((sum, { free }) => sum + (free ?? 0), 0);
    if (idle === SEATS) return client;
    await pause(LOOK_MS);
  }
}

async function lotOf(client: AgentClient): Promise<number> {
  const features = await client.request('features', {});
  return features.find(({ id }) => id === FEATURE)?.lot ?? 0;
}

async function take(client: AgentClient): Promise<{ readonly lease: string; readonly milliseconds: number }> {
  const process = { tool: 'bench', pid: null, startTime: null };
  const request = { feature: FEATURE, user: USER, process, tie: 'connection', wait: false } as const;
  const start = performance.now();
  const taken = await takeLease(client, request, leaseName(systemRandom), {
    begun: () => undefined,
    until: () => () => undefined,
  });
  const milliseconds = performance.now() - start;
  if (!taken.ok) throw new Error(`expected a lease, got ${taken.reason}: ${taken.detail}`);
  return { lease: taken.value.lease.id, milliseconds };
}

function rowsOf(hosts: number, how: string, times: readonly number[]): Row[] {
  const row = (figure: string, share: number, reach: Row['reach'] = null): Row => ({
    ...{ what: `${hosts} hosts, ${how}: ${figure} of ${times.length}`, value: percentile(times, share) },
    ...{ unit: 'ms', reach, grows: { figure: `${figure}, ${how}`, over: 'hosts', at: hosts } },
  });
  return [row('p50', 0.5), row('p99', 0.99, atMost(P99_MS)), row('the slowest', 1)];
}
