import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../core/adapters/clock-system.ts';
import { nodeCrypto } from '../core/adapters/crypto-node.ts';
import { groupCommit } from '../core/adapters/group-commit.ts';
import { logSink } from '../core/adapters/log-sink.ts';
import { systemRandom } from '../core/adapters/random.ts';
import { openLevelStore } from '../core/adapters/store-level.ts';
import { Fault, isFault } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { listenForAdmin } from './admin/listener.ts';
import { listenForOrders } from './admin/order-socket.ts';
import type { StatusSources } from './admin/status.ts';
import type { Config } from './config.ts';
import { newCounts } from './counts.ts';
import { relayOver } from './handle.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { carryOut } from './operator.ts';
import { type Check, pages, readiness } from './pages.ts';
import { openRealms } from './realms.ts';
import type { RelayEvent } from './relay.ts';
import { listen, type TlsFiles } from './server.ts';
import { timeDesk } from './time-desk.ts';
import { startTime } from './time-service.ts';

const STDERR = 2;

/** A relay that runs. */
export interface RunningRelay {
  readonly port: number;
  readonly adminPort: number | null;
  readonly tls: boolean;
  /** Reads the certificate again. */
  reload(): Promise<void>;
  /** Takes no more connections, writes what it has, tells everybody, and closes the store. */
  stop(): Promise<void>;
}

/** The directory of the store inside a relay's data directory. */
export function storeDirectory(dataDir: string): string {
  return join(dataDir, 'store');
}

/** Where the highest signed time is kept beside the store. */
function timeMarkPath(config: Config): string {
  return config['time-mark'] ?? join(config['data-dir'], 'time-mark');
}

const MIN_FREE_SHARE = 0.05;

/** Starts everything that the settings say. Throws Fault; what was opened is closed again. */
export async function startRelay(config: Config): Promise<RunningRelay> {
  const store = groupCommit(await openLevelStore(storeDirectory(config['data-dir'])));
  try {
    return await startOver(config, store);
  } catch (fault) {
    await store.close();
    throw fault;
  }
}

async function startOver(config: Config, store: Store): Promise<RunningRelay> {
  const log = pino({ level: config['log-level'] }, logSink(STDERR));
  const clock = systemClock();
  const counts = newCounts();
  const dataDir = config['data-dir'];
  const startedAt = clock.wall();
  const realms = await openRealms(store);
  const source = config.time;
  const time = source === 'off' ? null : await startTime(dataDir, store, timeMarkPath(config), clock, source);
  const desk = time && timeDesk(time.keeper, counts, (error) => log.error(sayError(error), 'time failed'));
  const limits = limitsOf(config);
  const relay = relayOver({
    ...{ store, clock, counts, limits, realms, crypto: nodeCrypto, random: systemRandom },
    ...{ policy: config.policy, registerToken: config['register-token'] },
    time: time && desk && { desk, key: time.key },
    note: (event) => say(log, event),
  });
  let stopping = false;
  const checks: readonly Check[] = [
    { name: 'store', ok: () => store.get('time/mark').then(() => true) },
    { name: 'disk', ok: () => hasSpace(dataDir) },
    { name: 'accepting', ok: async () => !stopping },
  ];
  const sources: StatusSources = {
    ...{ relay, realms, counts, clock, startedAt, keeper: time?.keeper ?? null },
    ready: async () => (await readiness(checks, false)).ok,
  };
  const server = await listen({
    ...{ relay, counts, listen: config.listen, tls: await tlsOf(config), maxFrameBytes: limits.frameBytes },
    ...{ maxPeers: config['max-peers'], maxPeersPerAddress: config['max-peers-per-address'] },
    page: pages({ checks, desk }),
  });
  const adminAt = config['admin-listen'];
  const admin =
    adminAt === 'off' ? null : await listenForAdmin(adminAt, sources, dataDir).catch(closing(server));
  const adminAddress = admin?.address();
  const place = { store, realms, now: () => clock.wall(), emptied: relay.emptied };
  const orders = await listenForOrders(dataDir, (order) => carryOut(place, order)).catch((error) => {
    // The relay serves without it, and the realm commands say that the directory is locked.
    log.warn(sayError(error), 'realm commands cannot reach this relay while it runs');
    return null;
  });
  log.info({ event: 'started', port: server.address.port, realms: realms.all().length }, 'started');
  return {
    port: server.address.port,
    adminPort: typeof adminAddress === 'object' ? (adminAddress?.port ?? null) : null,
    tls: config['tls-cert'] !== null,
    async reload() {
      const tls = await tlsOf(config);
      if (tls !== null) server.useTls(tls);
      log.info({ event: 'reloaded' }, 'reloaded');
    },
    async stop() {
      stopping = true;
      server.stopAccepting();
      await relay.idle();
      relay.shutDown();
      await server.close(config['shutdown-timeout'] * 1000);
      await relay.idle();
      admin?.closeAllConnections();
      admin?.close();
      await orders?.close();
      await store.close();
      log.info({ event: 'stopped' }, 'stopped');
      log.flush();
    },
  };
}

function closing(server: Awaited<ReturnType<typeof listen>>): (fault: unknown) => Promise<never> {
  return async (fault) => {
    server.stopAccepting();
    await server.close(0);
    throw fault;
  };
}

function limitsOf(config: Config): Limits {
  return {
    ...DEFAULT_LIMITS,
    frameBytes: config['max-message-bytes'],
    queueBytes: config['max-queue-bytes'],
    framesPerSecond: config['rate-limit'],
    helloSeconds: config['hello-timeout'],
    quota: { records: config['quota-records'], bytes: config['quota-bytes'] },
  };
}

async function tlsOf(config: Config): Promise<TlsFiles | null> {
  const { 'tls-cert': cert, 'tls-key': key } = config;
  if (cert === null || key === null) return null;
  try {
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  } catch (cause) {
    throw new Fault('FILE_UNREADABLE', { detail: `${cert} or ${key}`, cause });
  }
}

async function hasSpace(directory: string): Promise<boolean> {
  const { bavail, blocks } = await statfs(directory);
  return bavail / blocks > MIN_FREE_SHARE;
}

function say(log: pino.Logger, event: RelayEvent): void {
  switch (event.event) {
    case 'peer-in':
    case 'peer-out':
      log.debug({ ...event, room: event.room.slice(0, 8) }, event.event);
      break;
    case 'realm-registered':
      log.info(event, event.event);
      break;
    case 'failed':
      log.error({ event: event.event, room: event.room.slice(0, 8), ...sayError(event.error) }, 'failed');
      break;
  }
}

function sayError(error: unknown): { readonly code: string; readonly detail: string | undefined } {
  if (isFault(error)) return { code: error.code, detail: error.message };
  return { code: 'BUG', detail: error instanceof Error ? error.stack : String(error) };
}
