import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { MAX_ASKED_BYTES } from '../adapters/frame-guard.ts';
import { dataDirectory, type Surroundings, socketPlaces, systemDataDirectory } from '../adapters/paths.ts';
import { processState } from '../adapters/process-probe.ts';
import { dial } from '../adapters/rpc-socket.ts';
import { Fault, isFault } from '../errors.ts';
import { MAX_DRIFT } from '../state/clock.ts';
import { agentProof, clientProof, isProof, readAgentFile } from './agent-file.ts';
import { type HelloResult, type Methods, PROTOCOL, type PushedEvent } from './protocol.ts';
import { readRealmFile } from './realm-file.ts';
import { fromResponseError, RequestRefused } from './request-error.ts';
import { claimSpawn, spawnAgent } from './spawn.ts';
import type { StartWatch } from './start-report.ts';
import { currentSurroundings } from './surroundings.ts';
import { VERSION } from './version.ts';

/** How to reach the agent of a data directory. */
export interface ConnectOptions {
  readonly dataDir: string;
  /** Where it listens, if not where it says; LEASEHOLD_AGENT_SOCKET names it too. */
  readonly socket?: string;
  /** Whether to start an agent if none answers. */
  readonly spawn: boolean;
  /** Seconds for all of it. */
  readonly timeout: number;
  /** Who asks, for the agent's log: a program and its version. */
  readonly client: string;
  /** Of whose leases to be told; of everybody's unless given. */
  readonly leases?: 'all' | 'own';
  /** The program that starts the agent, if not the one beside this file. */
  readonly agentMain?: string;
}

/** A connection to the host agent. */
export interface AgentConnection {
  /** Throws Fault, or RequestRefused with a reason. */
  request<M extends keyof Methods>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']>;
  /** Told of everything that the agent pushes; returns how to stop. */
  on(listener: (event: PushedEvent) => void): () => void;
  /** Signed time that is certainly past by now, in seconds, by what the agent said in its greeting; null if it knew none. */
  relayTime(): number | null;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** A connection with what the agent said of itself. */
export interface AgentClient extends AgentConnection {
  readonly hello: HelloResult;
}

const EVENTS = [
  'state',
  'lease',
  'granted',
  'denied',
  'rollout',
  'notify',
] as const satisfies readonly PushedEvent['event'][];

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 200;

/**
 * Connects to the agent of a data directory and starts one if there is none (UX 4.3): many clients at once end up with one agent.
 * Throws Fault NOT_A_MEMBER if there is no realm to start an agent for, AGENT_PROTOCOL, SOCKET_PATH_TOO_LONG,
 * AGENT_UNAVAILABLE when the time has run out or the socket is another user's, and what keeps the agent that it started
 * from serving, such as DISK_FULL.
 */
export async function connectAgent(options: ConnectOptions): Promise<AgentClient> {
  const around = currentSurroundings();
  const deadline = performance.now() + 1000 * options.timeout;
  const socket = options.socket ?? (around.env.LEASEHOLD_AGENT_SOCKET || undefined);
  const started: StartWatch[] = [];
  try {
    return await connectUntil(deadline, options, around, socket, started);
  } finally {
    for (const watch of started) watch.close();
  }
}

async function connectUntil(
  deadline: number,
  options: ConnectOptions,
  around: Surroundings,
  socket: string | undefined,
  started: StartWatch[],
): Promise<AgentClient> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const attempt = await tryOnce(options, around, socket, deadline);
    if (attempt.ok) return attempt.client;
    if (!attempt.again) throw attempt.fault;
    if (!options.spawn && attempt.absent) throw attempt.fault;
    // The one that was started here knows better why nobody answers.
    const ended = saidBy(started, 'ended');
    if (ended !== null) throw ended;
    if (options.spawn && attempt.absent) {
      await mustHaveRealm(options.dataDir);
      if (await claimSpawn(options.dataDir))
        started.unshift(await spawnAgent({ ...options, ...(socket === undefined ? {} : { socket }) }));
    }
    const left = deadline - performance.now();
    if (left <= 0) throw saidBy(started, 'last') ?? attempt.fault;
    // Jitter, so that thirty windows that open at once do not knock at once for ever.
    await wait(Math.min(left, pause * (0.5 + Math.random())));
  }
}

function saidBy(started: readonly StartWatch[], what: 'ended' | 'last'): Fault | null {
  return started.map((watch) => watch[what]()).find((fault) => fault !== null) ?? null;
}

type Attempt =
  | { readonly ok: true; readonly client: AgentClient }
  /** `absent`: nobody listens. `again`: trying again may help. */
  | { readonly ok: false; readonly fault: Fault; readonly absent: boolean; readonly again: boolean };

async function tryOnce(
  options: ConnectOptions,
  around: Surroundings,
  socket: string | undefined,
  deadline: number,
): Promise<Attempt> {
  let last: Attempt | null = null;
  for (const place of await placesOf(options, around, socket)) {
    const attempt = await tryPlace(options, place, deadline);
    if (attempt.ok || !attempt.absent) return attempt;
    last = attempt;
  }
  return last ?? absent(new Fault('AGENT_UNAVAILABLE', { detail: `no agent has served ${options.dataDir}` }));
}

interface Place {
  readonly path: string;
  readonly dataDir: string;
}

/** Where to knock, in order: where one is told to, the machine's agent, where the agent says it listens, where it should. */
async function placesOf(
  { dataDir }: ConnectOptions,
  around: Surroundings,
  socket: string | undefined,
): Promise<readonly Place[]> {
  if (socket !== undefined) return [{ path: socket, dataDir }];
  // The machine's agent serves whoever did not ask for a data directory of his own.
  const system = systemDataDirectory(around);
  const said = isDefault(around, dataDir) ? [system, dataDir] : [dataDir];
  const places: Place[] = [];
  for (const directory of said) {
    const file = await readAgentFile(directory);
    if (file !== null) places.push({ path: file.socket, dataDir: directory });
  }
  const real = await realpath(dataDir).catch(() => null);
  // A named pipe has a secret part in its name; only the agent's file tells it.
  const expected = real === null || around.platform === 'win32' ? [] : socketPlaces(around, real);
  return [...places, ...expected.map(({ path }) => ({ path, dataDir }))];
}

function isDefault(around: Surroundings, dataDir: string): boolean {
  return !around.env.LEASEHOLD_DATA_DIR && dataDir === dataDirectory(around);
}

async function tryPlace(options: ConnectOptions, place: Place, deadline: number): Promise<Attempt> {
  let connection: MessageConnection;
  try {
    connection = await dial(place.path);
  } catch (error) {
    if (!isFault(error, 'AGENT_UNAVAILABLE')) throw error;
    const code = (error.cause as { readonly code?: unknown } | undefined)?.code;
    // Someone else's socket is not ours to replace: an agent started beside it would be a second key manager.
    if (code === 'EACCES' || code === 'EPERM')
      return { ok: false, fault: error, absent: false, again: false };
    return code === 'ENOENT' || code === 'ECONNREFUSED' ? absent(error) : later(error);
  }
  try {
    return { ok: true, client: await greet(connection, options, place, deadline) };
  } catch (error) {
    connection.dispose();
    if (error instanceof Impostor) return { ok: false, fault: error.fault, absent: false, again: false };
    const fault = fromResponseError(error);
    if (!isFault(fault)) throw fault;
    return fault.code === 'AGENT_UNAVAILABLE'
      ? later(fault)
      : { ok: false, fault, absent: false, again: false };
  }
}

/** An agent of ours would have refused our proof first, if only its file were not written yet: waiting does not help. */
class Impostor extends Error {
  readonly fault: Fault;

  constructor(detail: string) {
    super(detail);
    this.fault = new Fault('AGENT_UNAVAILABLE', { detail });
  }
}

function absent(fault: Fault): Attempt {
  return { ok: false, fault, absent: true, again: true };
}

function later(fault: Fault): Attempt {
  return { ok: false, fault, absent: false, again: true };
}

async function greet(
  connection: MessageConnection,
  { client, leases }: ConnectOptions,
  { dataDir, path }: Place,
  deadline: number,
): Promise<AgentClient> {
  const file = await readAgentFile(dataDir);
  if (file === null) throw new Fault('AGENT_UNAVAILABLE', { detail: `no agent file in ${dataDir} yet` });
  const gone = new Promise<never>((_, reject) => {
    connection.onClose(() => reject(new Fault('AGENT_UNAVAILABLE', { detail: `${path} closed` })));
  });
  const closed = gone.catch(() => undefined);
  const listeners = new Set<(event: PushedEvent) => void>();
  for (const name of EVENTS) {
    connection.onNotification(name, (event: PushedEvent) => {
      for (const listener of listeners) listener(event);
    });
  }
  const nonce = randomBytes(32).toString('hex');
  const params = {
    ...{ protocol: PROTOCOL, client, version: VERSION, nonce, proof: clientProof(file.secret, nonce) },
    ...{ pid: process.pid, startTime: processState(process.pid).start, leases },
  };
  const answer = Promise.race([connection.sendRequest<HelloResult>('hello', params), gone]);
  const hello = await within(deadline - performance.now(), answer, `${path} does not answer`);
  const greeted = performance.now();
  // Whoever made the socket's name first and knows no secret is not our agent.
  if (!isProof(hello.proof, agentProof(file.secret, nonce, hello.nonce))) {
    throw new Impostor(`${path} does not know the secret of ${dataDir}`);
  }
  return {
    hello,
    closed,
    relayTime() {
      const { relayTime = null } = hello;
      const passed = (performance.now() - greeted) / 1000;
      return relayTime === null ? null : relayTime + passed * (1 - MAX_DRIFT);
    },
    async request(method, asked) {
      mustFit(asked);
      try {
        // Rejected when the connection ends; a race against its end would keep every answer until then.
        return await connection.sendRequest<Methods[typeof method]['result']>(method, asked);
      } catch (error) {
        throw fromResponseError(error);
      }
    },
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      connection.end();
      await closed;
    },
  };
}

/** The agent would cut off who sends more, and nobody would know why. */
function mustFit(asked: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(asked));
  if (bytes <= MAX_ASKED_BYTES) return;
  throw new RequestRefused(
    'change-too-large',
    `expected at most ${MAX_ASKED_BYTES} bytes for one command, came ${bytes}`,
  );
}

/** An agent that was stopped by a signal, or still reads its records, accepts and says nothing. */
async function within<T>(milliseconds: number, answer: Promise<T>, detail: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const give = () => reject(new Fault('AGENT_UNAVAILABLE', { detail }));
    timer = setTimeout(give, Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}

async function mustHaveRealm(dataDir: string): Promise<void> {
  if ((await readRealmFile(dataDir)) === null) throw new Fault('NOT_A_MEMBER', { detail: dataDir });
}
