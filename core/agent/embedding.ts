import { dataDirectory } from '../adapters/paths.ts';
import { processState } from '../adapters/process-probe.ts';
import { systemRandom } from '../adapters/random.ts';
import type { CommandReason } from '../engine/effect.ts';
import type { CheckoutRequest } from '../engine/lease.ts';
import { Fault, isFault } from '../errors.ts';
import { ok, type Result } from '../result.ts';
import { seconds } from '../units.ts';
import { type AgentLine, agentLine } from './agent-line.ts';
import { type AgentClient, connectAgent } from './client.ts';
import { type HeldLease, HOLD, heldLease } from './held-lease.ts';
import { type Grant, type LeaseName, leaseName, takeLease, type Waiting } from './lease-taking.ts';
import { currentSurroundings } from './surroundings.ts';
import { loginName, userName } from './user-name.ts';
import { VERSION } from './version.ts';

/** How to reach the agent of this host; all of it is found by itself. */
export interface ConnectOptions {
  /** The data directory; LEASEHOLD_DATA_DIR, or the user's own, unless given. */
  readonly dataDir?: string;
  /** Where the agent listens; LEASEHOLD_AGENT_SOCKET, or where it says, unless given. */
  readonly socket?: string;
  /** Whether to start an agent if none answers; true unless given. */
  readonly spawn?: boolean;
  /** Seconds for all of it, now and after each break; 10 unless given. */
  readonly timeout?: number;
  /** A program and its version, for the agent's log, such as `plotter/2.1`. */
  readonly client?: string;
}

/** What to ask a seat for. */
export interface Wish {
  /** A feature's id in the registry. */
  readonly feature: string;
  /** A person's id in the registry; LEASEHOLD_USER, or the login name, unless given. */
  readonly user?: string;
  /** What people are told that has the seat. */
  readonly tool: string;
  /** Whether to queue when no seat is free, or none can be given for now. */
  readonly wait?: boolean;
  /** Told of the place in the queue, the first being 1, each time that one is taken. */
  readonly queued?: (position: number) => void;
  /** Ends the waiting; `checkout` then throws its reason. */
  readonly signal?: AbortSignal;
  /** Borrows the seat until then, in whole seconds of signed time since 1970, whatever becomes of this process. */
  readonly until?: number;
}

const INSIDE: unique symbol = Symbol('inside');

/** A connection to the host's agent; it keeps the process alive until it is released. */
export interface Connection {
  /** The realm's id, 64 hex digits. */
  readonly realm: string;
  /** This host's id in the registry. */
  readonly host: string;
  readonly [INSIDE]: Inside;
}

interface Inside {
  readonly line: AgentLine;
  readonly leases: Set<HeldLease>;
}

const TIMEOUT = 10;

/** Breaks of the connection within one checkout; an agent that dies of what it is asked is not asked for ever. */
const MAX_BREAKS = 10;

/**
 * Connects to the agent of this host and starts one if none runs (DESIGN: host agent).
 * Throws Fault NOT_A_MEMBER, AGENT_UNAVAILABLE, AGENT_PROTOCOL, SOCKET_PATH_TOO_LONG, and what keeps an agent that it
 * started from serving, such as STORE_UNWRITABLE.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const { client = `library/${VERSION}`, spawn = true, timeout = TIMEOUT } = options;
  const dataDir = options.dataDir ?? dataDirectory(currentSurroundings());
  const socket = options.socket === undefined ? {} : { socket: options.socket };
  const line = await agentLine(() =>
    connectAgent({ dataDir, ...socket, spawn, timeout, client, leases: 'own' }),
  );
  const { host, realm } = (await line.agent()).hello;
  if (host === null || realm === null) throw new Fault('NOT_A_MEMBER', { detail: dataDir });
  return { realm, host, [INSIDE]: { line, leases: new Set() } };
}

/**
 * Takes a seat for this process (DESIGN: leases): the lease, or the reason why there is none and what it was about.
 * It is on the agent's disk before this resolves, and one restart of the agent or ten cost no second seat: it is taken
 * up again by its secret. Throws Fault AGENT_UNAVAILABLE, and the reason of `signal`.
 */
export async function checkout(
  connection: Connection,
  wish: Wish,
): Promise<Result<HeldLease, CommandReason>> {
  const { leases, line } = connection[INSIDE];
  const name = leaseName(systemRandom);
  for (let breaks = 0; ; breaks++) {
    const agent = await line.agent();
    try {
      const again = breaks === 0 ? null : await attached(agent, name);
      const taken = again ?? (await takeLease(agent, requestOf(wish), name, waitingBy(wish)));
      if (!taken.ok) return taken;
      const held: HeldLease = heldLease(line, agent, taken.value, () => leases.delete(held));
      leases.add(held);
      return ok(held);
    } catch (error) {
      // What broke may be the answer and not the asking: the same name is asked for again, and never a second seat.
      if (!isFault(error, 'AGENT_UNAVAILABLE') || wish.signal?.aborted || breaks === MAX_BREAKS) throw error;
    }
  }
}

/**
 * Gives a seat back; of a connection, every seat taken through it that is not borrowed, and ends it. What is over is as
 * good as given back. Throws Fault AGENT_UNAVAILABLE for a seat; of a connection the agent frees what is left by itself.
 */
export async function release(what: HeldLease | Connection): Promise<void> {
  if (HOLD in what) return what[HOLD].giveBack();
  const { leases, line } = what[INSIDE];
  const holds = [...leases].map((lease) => lease[HOLD]);
  const returned = await Promise.allSettled(
    holds.filter(({ borrowed }) => !borrowed).map((hold) => hold.giveBack()),
  );
  for (const hold of holds) hold.letGo();
  await line.close(new Fault('AGENT_UNAVAILABLE', { detail: 'this connection has been released' }));
  for (const one of returned) {
    if (one.status === 'rejected' && !isFault(one.reason)) throw one.reason;
  }
}

/** The lease if it was granted before the connection broke. */
async function attached(
  agent: AgentClient,
  { id, secret }: LeaseName,
): Promise<Result<Grant, CommandReason> | null> {
  const answer = await agent.request('command', { command: { do: 'attach', lease: id, secret } });
  return answer.ok && answer.kind === 'lease'
    ? ok({ lease: answer.lease, token: answer.token ?? null })
    : null;
}

function requestOf({ feature, tool, until, user, wait = false }: Wish): CheckoutRequest {
  const { pid } = process;
  return {
    feature,
    user: userName(process.env, loginName(), user),
    process: { tool, pid, startTime: processState(pid).start },
    tie: 'connection',
    wait,
    ...(until === undefined ? {} : { until: seconds(until) }),
  };
}

function waitingBy({ queued, signal }: Wish): Waiting {
  return {
    begun: (position) => queued?.(position),
    until: (giveUp) => {
      const told = () => giveUp(signal?.reason);
      if (signal?.aborted) told();
      signal?.addEventListener('abort', told, { once: true });
      return () => signal?.removeEventListener('abort', told);
    },
  };
}
