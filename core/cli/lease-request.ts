import type { Keeping } from '../agent/lease-keeping.ts';
import {
  type Grant,
  type LeaseName,
  leaseName,
  takeLease as requestLease,
  giveBack as returnLease,
} from '../agent/lease-taking.ts';
import { userName } from '../agent/user-name.ts';
import type { Foresight } from '../engine/foresight.ts';
import type { CheckoutRequest } from '../engine/lease.ts';
import { Fault } from '../errors.ts';
import type { CommandIo } from './command-io.ts';
import type { AgentConnection } from './io.ts';
import { Denied } from './refusal.ts';

export type { Grant } from '../agent/lease-taking.ts';

/** What to ask a lease for. */
export type Wish = CheckoutRequest;

/** What a checkout would come to: a lease that ends then, or a place in the queue. */
export interface Prospect {
  readonly end: number | null;
  readonly queued: boolean;
}

/** The person at the keyboard, as far as the environment says, or else the system. */
export function userOf(io: CommandIo, given: string | undefined): string {
  return userName(io.around.env, io.login, given);
}

/** Takes a lease, waiting in the queue if asked to. Ends the command when the answer is no; throws Fault TIMED_OUT or INTERRUPTED. */
export async function takeLease(
  io: CommandIo,
  agent: AgentConnection,
  wish: Wish,
  name: LeaseName = leaseName(io.random),
): Promise<Grant> {
  const taken = await requestLease(agent, wish, name, {
    begun: (position) => io.out.note(`Waiting for a seat of ${wish.feature}, place ${position} in the queue`),
    until: (giveUp) => {
      const stops = [io.onSignal(() => giveUp(new Fault('INTERRUPTED')))];
      const { timeout } = io.settings;
      const late = () => giveUp(new Fault('TIMED_OUT', { detail: 'no seat came free' }));
      if (timeout !== null) stops.push(io.after(timeout, late));
      return () => {
        for (const stop of stops) stop();
      };
    },
  });
  if (!taken.ok) throw new Denied(taken.reason, taken.detail);
  return taken.value;
}

/** What asking for a lease would come to, for a dry run. Ends the command where the answer would be no. */
export async function foreseeLease(io: CommandIo, wish: Wish): Promise<Prospect> {
  const answer = await foreseen(io, wish);
  if (!answer.ok) throw new Denied(answer.reason, answer.detail);
  return {
    end: answer.kind === 'lease' ? answer.end : null,
    queued: answer.kind === 'queued',
  };
}

/** The agent's answer to somebody who asked for a lease now, by what decides a checkout; nothing is taken. */
export async function foreseen(io: CommandIo, wish: Wish): Promise<Foresight> {
  const agent = await io.agent();
  const wanted = { do: 'checkout', request: wish, ...leaseName(io.random) } as const;
  return agent.request('foresee', { command: wanted });
}

/** Gives a lease back; one that is gone already is as good as returned. */
export async function giveBack(agent: AgentConnection, lease: string, reason: string | null): Promise<void> {
  const returned = await returnLease(agent, lease, reason);
  if (!returned.ok) throw new Denied(returned.reason, returned.detail);
}

/** How a command keeps its lease; `tell` hears of each change of its state. */
export function keepingBy(io: CommandIo, tell: Keeping['tell']): Keeping {
  return {
    reconnect: io.reconnect,
    after: io.after,
    onceGone: (agent, then) => {
      let stopped = false;
      void agent.closed.then(() => {
        if (stopped) return;
        io.out.warn('The agent is gone; taking the lease up again');
        then();
      });
      return () => {
        stopped = true;
      };
    },
    tell,
  };
}
