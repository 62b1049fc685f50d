import type { Answer } from '../engine/effect.ts';
import type { PushedEvent } from './protocol.ts';

/** Which leases were given over one connection, for a client that wants to hear of no others. */
export interface OwnLeases {
  /** Takes note of an answer that gave a lease over this connection. */
  given(answer: Answer): void;
  /** Whether the client is to be told; takes note of a lease that it was promised or that is over. */
  hears(event: PushedEvent): boolean;
}

/** No lease yet. */
export function ownLeases(): OwnLeases {
  const leases = new Set<string>();
  return {
    given(answer) {
      if (answer.ok && answer.kind === 'lease') leases.add(answer.lease.id);
    },
    hears(event) {
      if (event.event === 'granted') leases.add(event.lease.id);
      if (event.event !== 'lease') return true;
      return OVER.has(event.state) ? leases.delete(event.lease) : leases.has(event.lease);
    },
  };
}

const OVER: ReadonlySet<string> = new Set(['returned', 'ended', 'removed', 'idle']);
