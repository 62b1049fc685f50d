import { realpath, rm } from 'node:fs/promises';
import { systemRandom } from '../adapters/random.ts';
import { listen, type RpcServer } from '../adapters/rpc-socket.ts';
import { storeFault } from '../adapters/store-fault.ts';
import { Fault } from '../errors.ts';
import { toHex } from '../units.ts';
import { type AgentFile, writeAgentFile } from './agent-file.ts';
import { keepAgentFile } from './agent-file-watch.ts';
import type { AgentOptions, StopReason } from './agent-options.ts';
import { dataPaths } from './data-directory.ts';
import { deferred } from './deferred.ts';
import { type Host, openHost } from './host.ts';
import { idleWatch } from './idle.ts';
import { lockStore } from './lock.ts';
import { readRealmFile } from './realm-file.ts';
import { type Answers, agentServer } from './server.ts';
import { agentPlaces, preparePlace } from './socket-place.ts';
import { VERSION } from './version.ts';

/** An agent that serves. */
interface RunningAgent {
  readonly socket: string;
  /** Resolves when everything is closed. */
  readonly stopped: Promise<StopReason>;
  stop(reason: StopReason): Promise<void>;
}

/**
 * Starts the agent of a data directory (UX 4.3), or finds that another serves it: null.
 * In this order: the store's lock, then the socket, then `agent.json`, then the records.
 * Throws Fault NOT_A_MEMBER for a directory without a realm, STORE_LOCKED, SOCKET_UNSAFE, SOCKET_PATH_TOO_LONG,
 * IDENTITY_LOCKED and those of the store.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent | null> {
  const { around, dataDir, socket } = options;
  await realmOf(dataDir);
  const places = agentPlaces(around, await realpath(dataDir), socket);
  const locked = await lockStore(
    dataDir,
    places.map(({ path }) => path),
    {
      ...(options.patience === undefined ? {} : { patience: options.patience }),
      waits: () => options.note('waiting', { dataDir }),
    },
  );
  if (locked.kind === 'served') return null;
  try {
    // Read again under the lock: `leave` may have held it until now.
    const realm = await realmOf(dataDir);
    const path = await preparePlace(places, around);
    return await serve({ ...options, path, realm, store: locked.store });
  } catch (error) {
    await locked.store.close();
    throw error;
  }
}

type ServeOptions = AgentOptions & {
  readonly path: string;
  readonly realm: Awaited<ReturnType<typeof realmOf>>;
  readonly store: Parameters<typeof openHost>[0]['store'];
};

async function serve(options: ServeOptions): Promise<RunningAgent> {
  const { dataDir, note, path, realm } = options;
  const secret = toHex(systemRandom.bytes(32));
  const file: AgentFile = { pid: process.pid, version: VERSION, socket: path, secret };
  const ready = deferred<Answers>();
  const stopped = deferred<StopReason>();
  let stopping: Promise<void> | null = null;
  let host: Host | null = null;
  let kept: ReturnType<typeof keepAgentFile> | null = null;

  const server = agentServer({
    ...{ secret, version: VERSION, host: realm.principal, realm: realm.realm, ready: ready.promise },
    relayTime: () => host?.runtime.model.time.lower ?? null,
    gone: (client) => host?.runtime.clientGone(client),
    changed: () => host?.changed(),
    failed: (method, error) => note('request-failed', { method, error }),
  });
  const rpc: RpcServer = await listen(path, server.prepare, { removeStale: true });
  const idle = idleWatch(
    options.idle,
    () => server.count() === 0 && host?.isBusy() === false,
    () => void stop('idle'),
  );

  // The socket before the store: whoever takes the store over listens at the same path.
  async function shutDown(reason: StopReason): Promise<void> {
    idle.stop();
    note('stopping', { reason });
    // Those who asked for what failed are told of it first.
    if (reason === 'failed') await nextTurn();
    await rpc.close();
    await kept?.stop();
    await removeAgentFile();
    await closeHost(reason);
    stopped.resolve(reason);
  }

  // The next agent writes its own over one that cannot be removed.
  async function removeAgentFile(): Promise<void> {
    await rm(dataPaths(dataDir).agent, { force: true }).catch((error) =>
      note('failed', { error: storeFault(error) }),
    );
  }

  async function closeHost(reason: StopReason): Promise<void> {
    try {
      // They are of use to others, and no reason to stay.
      if (reason === 'idle') await host?.sendBack().catch((error) => note('failed', { error }));
      await host?.close();
    } catch (error) {
      // A disk that takes no last word must not keep the lock.
      note('failed', { error });
      await options.store.close();
    }
  }

  function stop(reason: StopReason): Promise<void> {
    stopping ??= shutDown(reason);
    return stopping;
  }

  try {
    await writeAgentFile(dataDir, file);
    kept = keepAgentFile(dataDir, file);
    // From here on clients find this agent; when it goes, the next may be started at once.
    await rm(dataPaths(dataDir).spawning, { force: true });
    host = await openHost({ ...options, realm, server, stop: (reason) => void stop(reason) });
    ready.resolve(host.answers);
  } catch (error) {
    ready.reject(error);
    idle.stop();
    await nextTurn();
    await rpc.close();
    await kept?.stop();
    await removeAgentFile();
    throw error;
  }
  note('serving', { socket: path, mode: options.mode });
  return { socket: path, stopped: stopped.promise, stop };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function realmOf(dataDir: string) {
  const realm = await readRealmFile(dataDir);
  if (realm === null) throw new Fault('NOT_A_MEMBER', { detail: dataDir });
  return realm;
}
