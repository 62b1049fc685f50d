import type { PushedEvent } from '../agent/protocol.ts';
import type { Lease } from '../engine/lease.ts';
import { isFault } from '../errors.ts';
import { seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import type { AgentConnection } from './io.ts';

/** Seconds between two attempts to take a lease up again; an orphan is kept for longer than that. */
const PAUSE = seconds(2);

/** What becomes of a lease while somebody has it. */
export type LeaseState = Extract<PushedEvent, { event: 'lease' }>['state'];

/** A lease that stays attached to this process. */
export interface KeptLease {
  /** The connection that has it now. */
  agent(): AgentConnection;
  /** Keeps it no longer; it is not given back by this. */
  stop(): void;
}

/**
 * Keeps a lease attached though the agent restarts: when the connection breaks, connects again and takes it up by its
 * secret, so that a pause costs no second seat. Tells of each change of its state; one that is lost is `ended`.
 */
export function keepLease(
  io: CommandIo,
  first: AgentConnection,
  { id, secret }: Pick<Lease, 'id' | 'secret'>,
  tell: (state: LeaseState) => void,
): KeptLease {
  let agent = first;
  let stopped = false;
  let cancel = () => {};
  let deaf = () => {};
  const attend = () => {
    deaf = agent.on((event) => {
      if (event.event === 'lease' && event.lease === id) tell(event.state);
    });
    void agent.closed.then(() => {
      if (stopped) return;
      io.out.warn('The agent is gone; taking the lease up again');
      void resume();
    });
  };
  const resume = async () => {
    deaf();
    try {
      agent = await io.reconnect();
      const answer = await agent.request('command', { command: { do: 'attach', lease: id, secret } });
      if (answer.ok) attend();
      else tell('ended');
    } catch (error) {
      if (!isFault(error)) throw error;
      if (!stopped) cancel = io.after(PAUSE, () => void resume());
    }
  };
  attend();
  return {
    agent: () => agent,
    stop: () => {
      stopped = true;
      cancel();
      deaf();
    },
  };
}
