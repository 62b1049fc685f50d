import type { PushedEvent } from '../agent/protocol.ts';
import type { Lease, Tie, ToolProcess } from '../engine/lease.ts';
import { Fault } from '../errors.ts';
import { type Seconds, toHex } from '../units.ts';
import { foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import type { AgentConnection } from './io.ts';
import { Denied } from './refusal.ts';

const ID_BYTES = 10;
const SECRET_BYTES = 32;

/** A lease that the agent gave, with its token for tools. */
export interface Grant {
  readonly lease: Lease;
  readonly token: string | null;
}

/** What to ask a lease for. */
export interface Wish {
  readonly feature: string;
  readonly user: string;
  readonly process: ToolProcess;
  readonly tie: Tie;
  readonly wait: boolean;
  readonly until?: Seconds;
}

/** What a checkout would come to: a lease that ends then, or a place in the queue. */
export interface Prospect {
  readonly end: number | null;
  readonly queued: boolean;
}

type Outcome = Extract<PushedEvent, { event: 'granted' | 'denied' }>;

/** The person at the keyboard, as far as the environment says, or else the system. */
export function userOf(io: CommandIo, given: string | undefined): string {
  const { env } = io.around;
  const said = env.LEASEHOLD_USER || env.USER || env.LOGNAME || env.USERNAME;
  return given ?? (said || io.login || 'unknown');
}

/**
 * Takes a lease, waiting in the queue if asked to; a wait that ends otherwise leaves the queue. Ends the command when
 * the answer is no; throws Fault TIMED_OUT or INTERRUPTED.
 */
export async function takeLease(io: CommandIo, agent: AgentConnection, wish: Wish): Promise<Grant> {
  const outcomes = new Map<number, Outcome>();
  let tell: () => void = () => undefined;
  // Listening before asking: a seat that comes free at once would be granted before the ticket is known here.
  const stop = agent.on((event) => {
    if (event.event !== 'granted' && event.event !== 'denied') return;
    outcomes.set(event.ticket, event);
    tell();
  });
  try {
    const id = toHex(io.random.bytes(ID_BYTES));
    const secret = toHex(io.random.bytes(SECRET_BYTES));
    const answer = await agent.request('command', { command: { do: 'checkout', request: wish, id, secret } });
    if (!answer.ok) throw new Denied(answer.reason, answer.detail);
    if (answer.kind === 'lease') return { lease: answer.lease, token: answer.token ?? null };
    if (answer.kind !== 'queued') throw new Error(`the agent answered a checkout with ${answer.kind}`);
    const { ticket, position } = answer;
    io.out.note(`Waiting for a seat of ${wish.feature}, place ${position} in the queue`);
    const outcome = await queued(io, agent, ticket, (told) => {
      tell = told;
      return outcomes.get(ticket);
    });
    if (outcome.event === 'denied') throw new Denied(outcome.reason, outcome.detail);
    return { lease: outcome.lease, token: outcome.token ?? null };
  } finally {
    stop();
  }
}

/** What asking for a lease would come to, for a dry run. Ends the command where the answer would be no. */
export async function foreseeLease(io: CommandIo, wish: Wish): Promise<Prospect> {
  const id = toHex(io.random.bytes(ID_BYTES));
  const secret = toHex(io.random.bytes(SECRET_BYTES));
  const foreseen = await foresee(io, { do: 'checkout', request: wish, id, secret });
  return {
    end: foreseen.kind === 'lease' ? foreseen.end : null,
    queued: foreseen.kind === 'queued',
  };
}

async function queued(
  io: CommandIo,
  agent: AgentConnection,
  ticket: number,
  outcome: (told: () => void) => Outcome | undefined,
): Promise<Outcome> {
  const stops: (() => void)[] = [];
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      const look = () => {
        const found = outcome(look);
        if (found !== undefined) resolve(found);
      };
      const { timeout } = io.settings;
      if (timeout !== null) {
        const detail = 'no seat came free';
        stops.push(io.after(timeout, () => reject(new Fault('TIMED_OUT', { detail }))));
      }
      stops.push(io.onSignal(() => reject(new Fault('INTERRUPTED'))));
      look();
    });
  } catch (error) {
    await agent.request('command', { command: { do: 'cancel', ticket } });
    throw error;
  } finally {
    for (const stop of stops) stop();
  }
}

/** Gives a lease back; one that is gone already is as good as returned. */
export async function giveBack(agent: AgentConnection, lease: string, reason: string | null): Promise<void> {
  const answer = await agent.request('command', { command: { do: 'return', lease, reason } });
  if (!answer.ok && answer.reason !== 'not-found') throw new Denied(answer.reason, answer.detail);
}
