import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { makeDirectory } from '../adapters/make-directory.ts';
import { storeFault } from '../adapters/store-fault.ts';
import { Fault } from '../errors.ts';
import { dataPaths } from './data-directory.ts';
import { REPORT_FD, REPORT_VARIABLE, type StartWatch, watchStart } from './start-report.ts';

/** Bytes of the agent's log above which a new one is begun; one old one is kept. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** Milliseconds between two attempts to start an agent, of whatever clients. */
const SPAWN_EVERY = 1500;

/** Whether this client may try to start an agent now: of thirty that find none at once, one does. Throws Fault STORE_UNWRITABLE or DISK_FULL. */
export async function claimSpawn(dataDir: string): Promise<boolean> {
  const { spawning } = dataPaths(dataDir);
  const made = await madeAt(spawning);
  try {
    if (made !== null && Math.abs((await timeOfFiles(spawning)) - made) < SPAWN_EVERY) return false;
    // Only one that is old is taken away: it was left by an attempt that came to nothing.
    if (made !== null) await rm(spawning, { force: true });
    await (await open(spawning, 'wx', 0o600)).close();
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw storeFault(cause);
  }
}

async function madeAt(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

/**
 * The present by the clock that dates files there. This process may have another, on a file system that is shared or where
 * its clock is set wrong, and would take every mark for an old one: each of its attempts would start an agent.
 */
async function timeOfFiles(beside: string): Promise<number> {
  const path = `${beside}.${process.pid}`;
  const probe = await open(path, 'w', 0o600);
  try {
    // One that was there already has the date of when it was made.
    await probe.write('.');
    return (await probe.stat()).mtimeMs;
  } finally {
    await probe.close();
    await rm(path, { force: true });
  }
}

/**
 * Starts an agent process of its own session, lets it go, and gives what it says while it cannot serve.
 * Throws Fault AGENT_UNAVAILABLE if it cannot be started at all, and STORE_UNWRITABLE or DISK_FULL if its log cannot be.
 */
export async function spawnAgent(options: {
  readonly dataDir: string;
  readonly socket?: string;
  readonly agentMain?: string;
}): Promise<StartWatch> {
  const { dataDir, socket } = options;
  const main = options.agentMain ?? fileURLToPath(new URL('./leasehold-agent.js', import.meta.url));
  const args = [main, '--data-dir', dataDir, ...(socket === undefined ? [] : ['--socket', socket])];
  const log = await openLog(dataDir);
  try {
    const child = spawn(process.execPath, args, {
      // Never the caller's directory: an agent there would keep it from being removed.
      cwd: dataDir,
      detached: true,
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      env: {
        ...agentEnvironment(process.env, process.versions.electron !== undefined),
        [REPORT_VARIABLE]: String(REPORT_FD),
      },
      windowsHide: true,
    });
    child.unref();
    await once(child, 'spawn');
    const pipe = child.stdio[REPORT_FD] as Socket;
    pipe.unref();
    return watchStart(pipe);
  } catch (cause) {
    throw new Fault('AGENT_UNAVAILABLE', { detail: `cannot start ${main}`, cause });
  } finally {
    await log.close();
  }
}

/** The environment without what an editor put there for itself; an agent outlives its window. */
function agentEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  inElectron: boolean,
): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_)/i.test(name) && name.toUpperCase() !== 'NODE_OPTIONS',
  );
  return { ...Object.fromEntries(kept), ...(inElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
}

async function openLog(dataDir: string) {
  const { log } = dataPaths(dataDir);
  try {
    await makeDirectory(dataDir);
    const size = await stat(log).then(
      (found) => found.size,
      () => 0,
    );
    if (size > MAX_LOG_BYTES) await rename(log, `${log}.1`);
    return await open(log, 'a', 0o600);
  } catch (cause) {
    throw storeFault(cause);
  }
}
