import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../core/adapters/clock-system.ts';
import { openLevelStore } from '../core/adapters/store-level.ts';
import type { Store } from '../core/ports.ts';
import { listenForAdmin } from './admin/listener.ts';
import { logOf, type RunningRelay, sayError, storeDirectory, tlsOf } from './compose.ts';
import type { Config } from './config.ts';
import { newCounts } from './counts.ts';
import { type Check, pages, readiness } from './pages.ts';
import { opened } from './server.ts';
import { timeDesk } from './time-desk.ts';
import { timeDoor } from './time-door.ts';
import { openTimeFront } from './time-front.ts';
import { startTime } from './time-service.ts';

/** Starts what signs time for anybody, and nothing else: no rooms, no records. Throws Fault; what was opened is closed again. */
export async function startTimeOnly(
  config: Config & { readonly time: Exclude<Config['time'], 'off'> },
): Promise<RunningRelay> {
  // The lock of the store keeps a relay from signing under the same mark meanwhile.
  const store = await openLevelStore(storeDirectory(config['data-dir']));
  const closers: (() => unknown)[] = [() => store.close()];
  try {
    return await startOver(config, store, closers);
  } catch (fault) {
    for (const close of closers.reverse()) await close();
    throw fault;
  }
}

async function startOver(
  config: Config & { readonly time: Exclude<Config['time'], 'off'> },
  store: Store,
  closers: (() => unknown)[],
): Promise<RunningRelay> {
  const log = logOf(config);
  const clock = systemClock();
  const counts = newCounts();
  const startedAt = clock.wall();
  const time = await startTime({ config, store, clock, counts });
  closers.push(() => time.stop());
  const desk = timeDesk(time.keeper, counts, (error) => log.error(sayError(error), 'time failed'));
  const door = timeDoor({ desk, counts, rate: config['time-rate'], now: () => clock.running() });
  const checks: readonly Check[] = [{ name: 'store', ok: () => store.get('time/mark').then(() => true) }];

  const tls = await tlsOf(config);
  const page = pages({ checks, door });
  const http = tls === null ? createServer(page) : createTlsServer(tls, page);
  http.on('clientError', (_error, stream) => stream.destroy());
  await opened(http, config.listen);
  closers.push(() => closed(http));
  const front = await openTimeFront(config, door, counts);
  closers.push(() => front.close());
  const adminAt = config['admin-listen'];
  const nobody = { sessions: new Map(), halls: new Map() };
  const sources = {
    ...{ relay: nobody, realms: { all: () => [] }, counts, clock, startedAt, time },
    ready: async () => (await readiness(checks, false)).ok,
  };
  const admin = adminAt === 'off' ? null : await listenForAdmin(adminAt, sources, config['data-dir']);
  if (admin !== null) closers.push(() => closed(admin));
  const port = (http.address() as AddressInfo).port;
  log.info({ event: 'started', port, ...front.ports }, 'started');
  return {
    port,
    adminPort: (admin?.address() as AddressInfo | undefined)?.port ?? null,
    tls: tls !== null,
    time: front.ports,
    async reload() {
      const renewed = await tlsOf(config);
      if (renewed !== null && 'setSecureContext' in http) http.setSecureContext(renewed);
    },
    async stop() {
      await desk.idle();
      for (const close of closers.reverse()) await close();
      log.info({ event: 'stopped' }, 'stopped');
      log.flush();
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
