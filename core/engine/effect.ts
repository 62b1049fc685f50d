import type { CheckoutDenial } from '../decide/checkout.ts';
import type { StoreWrite } from '../ports.ts';
import type { LogId, Seconds } from '../units.ts';
import type { Body, RecordType } from '../wire/bodies.ts';
import type { Lease } from './lease.ts';

/** A record for this host's own log, before it has a place in it. */
export type NewRecord = { [T in RecordType]: { readonly type: T; readonly body: Body<T> } }[RecordType];

/** Why a command is refused. */
export type CommandReason =
  | CheckoutDenial
  | 'not-a-member'
  | 'not-an-issuer'
  | 'not-an-editor'
  | 'not-found'
  | 'conflict'
  | 'nothing-to-publish'
  | 'invalid-registry'
  | 'undecided-version'
  | 'already-signed'
  | 'log-id-taken'
  | 'wrong-secret'
  | 'malformed'
  | 'superseded'
  | 'slot-taken'
  | 'not-next-undecided'
  | 'not-compared'
  | 'identity-stale';

/** What a command came to. */
export type Answer =
  | { readonly ok: true; readonly kind: 'lease'; readonly lease: Lease }
  | { readonly ok: true; readonly kind: 'queued'; readonly ticket: number; readonly position: number }
  | { readonly ok: true; readonly kind: 'returned'; readonly leases: readonly string[] }
  /** Running seconds within which the tool has to say so again to keep its seat; null for as long as it likes. */
  | { readonly ok: true; readonly kind: 'active'; readonly within: number | null }
  | { readonly ok: true; readonly kind: 'drafted'; readonly records: number }
  | {
      readonly ok: true;
      readonly kind: 'published';
      readonly version: number;
      readonly candidate: string;
      readonly signatures: number;
      readonly needed: number;
      readonly admitted: readonly string[];
    }
  | {
      readonly ok: true;
      readonly kind: 'recorded';
      readonly log: LogId;
      readonly seq: number;
      /** Logs of open invitations for the same host, in whose place a new one came. */
      readonly replaces?: readonly LogId[];
    }
  | {
      readonly ok: true;
      readonly kind: 'moved';
      readonly seats: number;
      readonly records: number;
      /** When the last of what was given away comes back; absent for what went back itself. */
      readonly until?: Seconds;
    }
  | { readonly ok: true; readonly kind: 'done' }
  | { readonly ok: false; readonly reason: CommandReason; readonly detail: string };

/** How a lease ends: given back, over by time or with its holder lost, taken away, or taken back from a tool that is not in use. */
export type LeaseOver = 'returned' | 'ended' | 'removed' | 'idle';

/** What clients are told without asking. */
export type AgentEvent =
  | { readonly event: 'state' }
  | {
      readonly event: 'lease';
      readonly lease: string;
      readonly state: 'granted' | 'orphaned' | 'draining' | LeaseOver;
    }
  | { readonly event: 'granted'; readonly ticket: number; readonly lease: Lease }
  | {
      readonly event: 'denied';
      readonly ticket: number;
      readonly reason: CheckoutDenial;
      readonly detail: string;
    }
  | { readonly event: 'rollout'; readonly version: number; readonly state: string }
  | {
      readonly event: 'notify';
      readonly code: 'fork' | 'candidate-refused' | 'signature-wanted' | 'identity-stale' | 'time-conflict';
      readonly text: string;
    };

/**
 * What the engine wants done, in this order: what is appended or written is on disk, synced, before any later effect
 * is seen by anybody. An appended record comes back as an input before the next input is taken.
 */
export type Effect =
  | { readonly kind: 'append'; readonly record: NewRecord; readonly call: number | null }
  | { readonly kind: 'write'; readonly writes: readonly StoreWrite[] }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: Answer }
  | { readonly kind: 'event'; readonly to: number | 'all'; readonly event: AgentEvent }
  | { readonly kind: 'probe'; readonly lease: Lease };

/** A client's command with the place to answer it. */
export interface Call {
  readonly call: number;
  readonly client: number;
}

/** The effect of answering a command. */
export function answer(call: number, result: Answer): Effect {
  return { kind: 'answer', call, answer: result };
}

/** The effect of telling everybody what became of a lease. */
export function leaseEvent(lease: string, state: (AgentEvent & { event: 'lease' })['state']): Effect {
  return { kind: 'event', to: 'all', event: { event: 'lease', lease, state } };
}

/** The leases that an effect hands out. */
export function leasesGiven(effect: Effect): Lease[] {
  if (effect.kind === 'answer') {
    const { answer } = effect;
    return answer.ok && answer.kind === 'lease' ? [answer.lease] : [];
  }
  return effect.kind === 'event' && effect.event.event === 'granted' ? [effect.event.lease] : [];
}
