import type { JoinReport, StatusReport } from '../agent/protocol.ts';
import { Fault, isFault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { Denied } from './refusal.ts';
import { type Look, waitUntil } from './waiting.ts';

/** Seconds for a relay to answer a newcomer where --timeout says nothing. */
const PATIENCE: Seconds = seconds(15);

/** How a join has ended: kept by a relay, refused by it, or not sent, and why. */
export type JoinEnd =
  | Exclude<JoinReport, { state: 'waiting' }>
  | {
      readonly state: 'unsent';
      readonly text: string;
      /** That nobody can have got it, as far as is known here; otherwise a relay may have. */
      readonly certain: boolean;
    };

/** Starts the agent and waits until a relay has taken the join or refused it, or cannot be asked. Throws Fault INTERRUPTED. */
export async function joinEnd(io: CommandIo): Promise<JoinEnd> {
  try {
    // Anew: what was found before is the agent that this command has stopped, or that there was none.
    const agent = await io.reconnect();
    const patience = io.settings.timeout ?? PATIENCE;
    return await waitUntil(io, agent, patience, async () => endIn(await agent.request('status', {})));
  } catch (error) {
    if (!isFault(error) || error.code === 'INTERRUPTED') throw error;
    const text = error.code === 'TIMED_OUT' ? 'no relay has answered in time' : error.message;
    return { state: 'unsent', text, certain: false };
  }
}

/** What ends the command where a relay has refused the join. */
export function joinRefused({ reason, text }: JoinEnd & { readonly state: 'refused' }): Denied | Fault {
  return reason === 'relay-refuses' ? new Fault('RELAY_REFUSED', { detail: text }) : new Denied(reason, text);
}

function endIn({ join, relay }: StatusReport): Look<JoinEnd> {
  if (join === null) return { done: { state: 'kept' } };
  if (join.state !== 'waiting') return { done: join };
  if (relay.url === null)
    return { done: { state: 'unsent', text: 'the invitation names no relay', certain: true } };
  if (relay.state !== 'disconnected') return { waiting: `${relay.url} has not answered` };
  const why = relay.detail === null ? '' : `: ${relay.detail}`;
  return { done: { state: 'unsent', text: `${relay.url} cannot be reached${why}`, certain: true } };
}
