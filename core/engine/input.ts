import type { TimeView } from '../state/clock.ts';
import type { Hash, LogId, PrincipalId, PublicKey, Seconds } from '../units.ts';
import type { Stray, VerifiedRecord } from '../verify/record.ts';
import type { TimeToken } from '../verify/time.ts';
import type { Role } from '../wire/roles.ts';
import type { CheckoutRequest } from './lease.ts';
import type { Peer } from './peer.ts';

/** What a client asks the engine to do. Reading needs no input: questions are answered from the model. */
export type Command =
  | {
      readonly do: 'checkout';
      readonly request: CheckoutRequest;
      readonly id: string;
      readonly secret: string;
    }
  | { readonly do: 'attach'; readonly lease: string; readonly secret: string }
  | { readonly do: 'return'; readonly lease: string; readonly reason: string | null }
  /** The tool that has this lease is in use. */
  | { readonly do: 'active'; readonly lease: string }
  | { readonly do: 'return-all' }
  | { readonly do: 'cancel'; readonly ticket: number }
  /** Writes the draft records that turn the registry as drafted into this one; with `was`, what was read before the change, only the change is made. */
  | { readonly do: 'set-registry'; readonly registry: unknown; readonly was?: unknown }
  | { readonly do: 'publish'; readonly message: string; readonly expect: number | null }
  | { readonly do: 'sign'; readonly candidate: Hash }
  | { readonly do: 'void'; readonly version: number }
  | {
      readonly do: 'invite';
      readonly log: LogId;
      readonly key: PublicKey;
      readonly kind: 'host' | 'person';
      readonly id: PrincipalId;
      readonly name: string;
      readonly class: string | null;
      readonly roles: readonly Role[];
      readonly until: Seconds;
    }
  | { readonly do: 'revoke'; readonly principal: PrincipalId; readonly reason: string }
  | {
      readonly do: 'give';
      readonly to: PrincipalId;
      readonly feature: string;
      readonly seats: number;
      readonly until: Seconds;
    }
  | { readonly do: 'surrender'; readonly feature: string }
  | { readonly do: 'remove'; readonly host: PrincipalId; readonly lease: string; readonly reason: string };

/** Everything that can happen to a host. Time comes in, it is never read. */
export type Input =
  | { readonly kind: 'records'; readonly records: readonly VerifiedRecord[] }
  /** Records that this host has just signed and put at the end of its own log; `call` is the command that wanted one. */
  | {
      readonly kind: 'appended';
      readonly records: readonly { readonly record: VerifiedRecord; readonly call: number | null }[];
    }
  /** Evidence of other histories of forked logs. */
  | { readonly kind: 'strays'; readonly strays: readonly Stray[] }
  | { readonly kind: 'fork'; readonly a: VerifiedRecord; readonly b: VerifiedRecord }
  | {
      readonly kind: 'tick';
      readonly time: TimeView;
      readonly running: Seconds;
      readonly boot: string | null;
      /** The newest signed time that is certainly past: what a set-up is dated by. */
      readonly token?: TimeToken | null;
      /** What each relay signed in answer to this host with the newest version that it ever named. */
      readonly answers?: readonly TimeToken[];
    }
  | { readonly kind: 'command'; readonly call: number; readonly client: number; readonly command: Command }
  | { readonly kind: 'client-gone'; readonly client: number }
  /** The answer to a `probe` effect: the tool's process is gone for certain, or it is not. */
  | { readonly kind: 'probed'; readonly lease: string; readonly gone: boolean }
  /** Who is present, by what they say of themselves. */
  | { readonly kind: 'peers'; readonly peers: ReadonlyMap<LogId, Peer> }
  /** Another process says that it lives under this host's log, which anybody may pretend; `run` names this one. */
  | { readonly kind: 'twin'; readonly run: Uint8Array }
  /** This host's own log has been compared with what others hold of it: from now on it may vote (rule R7). */
  | { readonly kind: 'compared' }
  /** The relay says that it holds more of this host's own log than this host does. */
  | { readonly kind: 'own-log-ahead'; readonly next: number };
