import type { Lease } from '../engine/lease.ts';
import { isFault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import type { AgentConnection } from './client.ts';
import type { Grant } from './lease-taking.ts';
import type { PushedEvent } from './protocol.ts';

/** Seconds between two attempts to take a lease up again; an orphan is kept for longer than that. */
const PAUSE = seconds(2);

/** What becomes of a lease while somebody has it. */
export type LeaseState = Extract<PushedEvent, { event: 'lease' }>['state'];

/** What keeping a lease needs of the process that has it. */
export interface Keeping<Agent extends AgentConnection = AgentConnection> {
  /** Another connection in place of one that broke. */
  reconnect(): Promise<Agent>;
  /** Calls once after a span; returns how to cancel. */
  after(span: Seconds, then: () => void): () => void;
  /** Calls when a connection has broken; returns how to stop. */
  onceGone(agent: Agent, then: () => void): () => void;
  /** The lease as it stands now, taken up again or renewed. */
  renewed?(grant: Grant): void;
  /** Each change of its state; a lease that is lost has `ended`. */
  tell(state: LeaseState): void;
}

/** A lease that stays attached to this process. */
interface KeptLease {
  /** Keeps it no longer; it is not given back by this. */
  stop(): void;
}

/**
 * Keeps a lease attached though the agent restarts: when the connection breaks, connects again and takes it up by its
 * secret, so that a pause costs no second seat (DESIGN: leases).
 */
export function keepLease<Agent extends AgentConnection>(
  keeping: Keeping<Agent>,
  first: Agent,
  { id, secret }: Pick<Lease, 'id' | 'secret'>,
): KeptLease {
  let stopped = false;
  let cancel = () => {};
  let deaf = () => {};
  const attach = async (agent: Agent): Promise<boolean> => {
    const answer = await agent.request('command', { command: { do: 'attach', lease: id, secret } });
    if (stopped) return false;
    if (!answer.ok) keeping.tell('ended');
    else if (answer.kind === 'lease') {
      keeping.renewed?.({ lease: answer.lease, token: answer.token ?? null });
    }
    return answer.ok;
  };
  const attend = (agent: Agent) => {
    const unheard = agent.on((event) => {
      if (event.event !== 'lease' || event.lease !== id) return;
      // Renewed into the next term: only the answer has the new end and its token.
      if (event.state === 'granted' && keeping.renewed !== undefined) {
        void attach(agent).catch(ignoreFault);
      }
      keeping.tell(event.state);
    });
    const uncalled = keeping.onceGone(agent, () => {
      if (!stopped) void resume();
    });
    deaf = () => {
      unheard();
      uncalled();
    };
  };
  const resume = async () => {
    deaf();
    try {
      const agent = await keeping.reconnect();
      if (stopped || !(await attach(agent))) return;
      attend(agent);
      if (await isWanted(agent, id)) keeping.tell('draining');
    } catch (error) {
      if (!isFault(error)) throw error;
      if (!stopped) cancel = keeping.after(PAUSE, () => void resume());
    }
  };
  attend(first);
  return {
    stop: () => {
      stopped = true;
      cancel();
      deaf();
    },
  };
}

/** Whether a new version waits for this lease: that was said once, perhaps while nobody listened. */
async function isWanted(agent: AgentConnection, id: string): Promise<boolean> {
  const leases = await agent.request('leases', {});
  return leases.some((lease) => lease.id === id && lease.state === 'draining');
}

function ignoreFault(error: unknown): void {
  if (!isFault(error)) throw error;
}
