import type { CommandReason } from '../engine/effect.ts';
import type { CheckoutRequest, Lease } from '../engine/lease.ts';
import { Fault } from '../errors.ts';
import type { Random } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { toHex } from '../units.ts';
import type { AgentConnection } from './client.ts';
import type { PushedEvent } from './protocol.ts';

const ID_BYTES = 10;
const SECRET_BYTES = 32;

/** A lease that the agent gave, with its token for tools. */
export interface Grant {
  readonly lease: Lease;
  readonly token: string | null;
}

/** What a lease is known by, chosen by whoever asks for it, and the secret by which he takes it up again. */
export interface LeaseName {
  readonly id: string;
  readonly secret: string;
}

/** How whoever asks waits in the queue. */
export interface Waiting {
  /** Told of the place in the queue, the first being 1. */
  begun(position: number): void;
  /** Given how to end the waiting with an error; returns what to do when it has ended otherwise. */
  until(giveUp: (why: unknown) => void): () => void;
}

type Outcome = Extract<PushedEvent, { event: 'granted' | 'denied' }>;

/** A name that nobody else has and a secret that nobody guesses. */
export function leaseName(random: Random): LeaseName {
  return { id: toHex(random.bytes(ID_BYTES)), secret: toHex(random.bytes(SECRET_BYTES)) };
}

/**
 * Asks for a lease and waits in the queue if the request says so; a wait that ends otherwise leaves the queue.
 * Throws what the waiting was ended with, and Fault AGENT_UNAVAILABLE.
 */
export async function takeLease(
  agent: AgentConnection,
  request: CheckoutRequest,
  { id, secret }: LeaseName,
  waiting: Waiting,
): Promise<Result<Grant, CommandReason>> {
  const outcomes = new Map<number, Outcome>();
  let tell: () => void = () => undefined;
  // Listening before asking: a seat that comes free at once would be granted before the ticket is known here.
  const stop = agent.on((event) => {
    if (event.event !== 'granted' && event.event !== 'denied') return;
    outcomes.set(event.ticket, event);
    tell();
  });
  try {
    const answer = await agent.request('command', { command: { do: 'checkout', request, id, secret } });
    if (!answer.ok) return no(answer.reason, answer.detail);
    if (answer.kind === 'lease') return ok({ lease: answer.lease, token: answer.token ?? null });
    if (answer.kind !== 'queued') throw new Error(`the agent answered a checkout with ${answer.kind}`);
    const { ticket, position } = answer;
    waiting.begun(position);
    const outcome = await queued(agent, { id, ticket }, waiting, (told) => {
      tell = told;
      return outcomes.get(ticket);
    });
    if (outcome.event === 'denied') return no(outcome.reason, outcome.detail);
    return ok({ lease: outcome.lease, token: outcome.token ?? null });
  } finally {
    stop();
  }
}

async function queued(
  agent: AgentConnection,
  { id, ticket }: { readonly id: string; readonly ticket: number },
  waiting: Waiting,
  outcome: (told: () => void) => Outcome | undefined,
): Promise<Outcome> {
  let stop = () => {};
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      const look = () => {
        const found = outcome(look);
        if (found !== undefined) resolve(found);
      };
      // An agent that ends forgets its queue.
      void agent.closed.then(() => reject(new Fault('AGENT_UNAVAILABLE', { detail: 'it ended' })));
      stop = waiting.until(reject);
      look();
    });
  } catch (error) {
    const left = await agent.request('command', { command: { do: 'cancel', ticket } });
    // Granted at the last moment, to somebody who no longer wants it.
    if (!left.ok) await giveBack(agent, id, null);
    throw error;
  } finally {
    stop();
  }
}

/** Gives a lease back; one that is gone already is as good as returned. Throws Fault AGENT_UNAVAILABLE. */
export async function giveBack(
  agent: AgentConnection,
  lease: string,
  reason: string | null,
): Promise<Result<null, CommandReason>> {
  const answer = await agent.request('command', { command: { do: 'return', lease, reason } });
  return answer.ok || answer.reason === 'not-found' ? ok(null) : no(answer.reason, answer.detail);
}
