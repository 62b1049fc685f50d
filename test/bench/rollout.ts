import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeCrypto } from '../../core/adapters/crypto-node.ts';
import { groupCommit } from '../../core/adapters/group-commit.ts';
import { systemRandom } from '../../core/adapters/random.ts';
import { openLevelStore } from '../../core/adapters/store-level.ts';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { type RelayLink, relayLink } from '../../core/agent/relay-link.ts';
import type { Store } from '../../core/ports.ts';
import type { Runtime } from '../../core/runtime/runtime.ts';
import { testClock } from '../support/clock.ts';
import { silentBoard } from '../support/silent-board.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { emptyChain } from '../support/time-chain.ts';
import { type BenchRealm, benchRealm, FEATURE, MOMENT, runHost } from './bench-realm.ts';
import { bring } from './filled-relay.ts';
import { atMost, type Bench, median, type Row } from './row.ts';
import { registered } from './served-realm.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const VOTERS = 5;
/** Longer than any news is held back. */
const QUIET_MS = 600;

interface Size {
  readonly hosts: number;
  readonly store: 'memory' | 'level';
}

const SIZES: readonly Size[] = [
  { hosts: 1, store: 'memory' },
  { hosts: 10, store: 'memory' },
  { hosts: 10, store: 'level' },
  { hosts: 30, store: 'memory' },
  { hosts: 100, store: 'memory' },
];

interface Running {
  readonly runtimes: readonly Runtime[];
  readonly links: readonly RelayLink[];
}

/** A version published by one host until all hosts, idle, have applied it: hosts in this process, the relay in its own. */
export const rollout: Bench = {
  name: 'rollout',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const size of quick ? SIZES.slice(0, 3) : SIZES) {
      rows.push(...(await withTempDir((temp) => rowsOf(temp, size, quick ? 2 : 3))));
    }
    return rows;
  },
};

async function rowsOf(temp: string, { hosts, store }: Size, rounds: number): Promise<Row[]> {
  const realm = await benchRealm(hosts, Math.min(VOTERS, hosts));
  const relay = join(temp, 'relay');
  await mkdir(relay);
  const token = await registered(relay, realm.genesis);
  const server = await startServer('relay', relay);
  const [founder] = realm.members;
  if (founder === undefined) throw new Error('expected a founder');
  // The others are strangers to a relay that has not heard of their invitations.
  await bring(server.room(realm.id, token), [[{ log: founder.log, from: 0, records: founder.opening }]]);
  const running = await start(realm, server, token, (i) =>
    store === 'memory' ? memoryStore() : openLevelStore(join(temp, `host-${i}`)).then(groupCommit),
  );
  const certified: number[] = [];
  const applied: number[] = [];
  const cpuPerHost: number[] = [];
  await settled(running);
  // The first configuration of all, which every host compiles from nothing, is not counted.
  await publish(realm, running, 0);
  for (let round = 1; round <= rounds; round++) {
    await settled(running);
    const times = await publish(realm, running, round);
    certified.push(times.certified);
    applied.push(times.applied);
    cpuPerHost.push(times.cpuPerHost);
  }
  for (const link of running.links) await link.close();
  for (const runtime of running.runtimes) await runtime.close();
  await server.stop();
  const of = `${hosts} ${hosts === 1 ? 'host' : 'hosts'}, ${store} stores`;
  const row = (what: string, values: readonly number[], reach: Row['reach'] = null): Row => ({
    ...{ what: `${of}: ${what}`, value: median(values), unit: 'ms', reach },
    ...(store === 'memory' ? { grows: { figure: what, over: 'hosts', at: hosts } } : {}),
  });
  return [
    row('published to certified', certified),
    row('CPU a host until then', cpuPerHost),
    row('published to applied by all', applied, hosts === 100 ? atMost(1000) : null),
  ];
}

async function publish(
  { registry }: BenchRealm,
  { runtimes }: Running,
  round: number,
): Promise<{ readonly certified: number; readonly applied: number; readonly cpuPerHost: number }> {
  const [founder] = runtimes;
  if (founder === undefined) throw new Error('expected a founder');
  const feature = registry.features[FEATURE];
  const changed = {
    ...registry,
    features: { ...registry.features, [FEATURE]: { ...feature, seats: 100_001 + round } },
  };
  const drafted = await founder.submit(1, { do: 'set-registry', registry: changed });
  if (!drafted.ok) throw new Error(`expected a draft, got ${drafted.reason}: ${drafted.detail}`);
  const version = round + 2;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const published = await founder.submit(1, { do: 'publish', message: '', expect: null });
  if (!published.ok) throw new Error(`expected a candidate, got ${published.reason}: ${published.detail}`);
  await until(() => newest(founder) >= version);
  const certified = performance.now() - start;
  await until(() => runtimes.every(({ model }) => model.applied?.version.version === version));
  const applied = performance.now() - start;
  const { system, user } = process.cpuUsage(cpu);
  return { certified, applied, cpuPerHost: (system + user) / 1000 / runtimes.length };
}

/** Resolves when all hosts hold the same and nothing has come for a while: idle hosts are what is asked for. */
async function settled({ runtimes }: Running): Promise<void> {
  for (let before = -1, now = held(); now !== before; now = held()) {
    before = now;
    await pause(QUIET_MS);
    await until(() => new Set(runtimes.map(({ model }) => model.state.ledger.size)).size === 1);
  }

  function held(): number {
    return runtimes.reduce((sum, { model }) => sum + model.state.ledger.size, 0);
  }
}

/** Looks every millisecond, which the figures can be wrong by. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!condition()) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}

function newest({ model }: Runtime): number {
  return model.state.membership.versions.at(-1)?.version ?? 0;
}

/** Runs all hosts, and waits until each knows every other and has compared its own log. */
async function start(
  realm: BenchRealm,
  server: ServerProcess,
  token: string,
  storeFor: (i: number) => Store | Promise<Store>,
): Promise<Running> {
  const runtimes: Runtime[] = [];
  const links: RelayLink[] = [];
  const failed = (error: unknown) => {
    throw error;
  };
  const relay = { url: new URL('/', server.room('')).href, key: null, token, register: null };
  for (const [i, member] of realm.members.entries()) {
    let link: RelayLink | null = null;
    const runtime = await runHost(realm, member, await storeFor(i), {
      publish: (bytes) => link?.publish(bytes),
    });
    link = relayLink({
      board: silentBoard,
      chain: await emptyChain(),
      ...{ relay, realm: realm.id, log: member.log, signer: member.signer, once: member.once, runtime },
      ...{ clock: testClock(MOMENT), crypto: nodeCrypto, random: systemRandom, failed },
      ...{ changed: () => undefined, heard: () => undefined, forward: () => undefined },
    });
    runtimes.push(runtime);
    links.push(link);
  }
  const members = realm.members.length;
  await until(() =>
    runtimes.every(({ model }) => model.compared && model.state.ledger.logs.size === members),
  );
  return { runtimes, links };
}
