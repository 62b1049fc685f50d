import { no, ok, type Result } from '../core/result.ts';
import type { Presence } from '../core/wire/presence.ts';

/** Why an entry is not shown to others. */
type PostReason = 'foreign-presence' | 'presence-too-large';

const GONE = new TextEncoder().encode('null');

/** What others are told when a client has gone. */
function goneFrom(last: Presence): Presence {
  return { client: last.client, clock: last.clock + 1, state: GONE };
}

/** An entry that was taken. */
interface Posted {
  readonly entry: Presence;
  /** What another connection said under the same client id, whose place it took: whoever says it now has to hear of that. */
  readonly replaced: Presence | null;
}

/** Who is present in one room: one entry per connection, in memory only, and never evidence of anything. */
interface PresenceBoard<Owner> {
  /** Takes an owner's own entry out of an update, or says why there is none that it may set. */
  post(owner: Owner, entries: readonly Presence[], maxBytes: number): Result<Posted, PostReason>;
  /** Forgets an owner; what others are to be told, if it had an entry. */
  leave(owner: Owner): Presence | null;
  all(): readonly Presence[];
}

/** A board without entries. `mayTakeOver` says whether somebody proved that a client id is its own. */
export function presenceBoard<Owner>(
  mayTakeOver: (owner: Owner, client: number) => boolean,
): PresenceBoard<Owner> {
  const entries = new Map<Owner, Presence>();
  const owners = new Map<number, Owner>();
  return {
    post(owner, offered, maxBytes) {
      const held = entries.get(owner);
      const own = held === undefined ? offered[0] : offered.find(({ client }) => client === held.client);
      if (own === undefined) return no('foreign-presence');
      if (own.state.length > maxBytes) return no('presence-too-large');
      const other = owners.get(own.client);
      // A connection that speaks for another's client id would make it seem to say things, or to be gone.
      if (other !== undefined && other !== owner && !mayTakeOver(owner, own.client)) {
        return no('foreign-presence');
      }
      const replaced = other === undefined || other === owner ? null : (entries.get(other) ?? null);
      if (other !== undefined && other !== owner) entries.delete(other);
      const entry = { ...own, state: own.state.slice() };
      entries.set(owner, entry);
      owners.set(own.client, owner);
      return ok({ entry, replaced });
    },
    leave(owner) {
      const held = entries.get(owner);
      if (held === undefined) return null;
      entries.delete(owner);
      owners.delete(held.client);
      return goneFrom(held);
    },
    all: () => [...entries.values()],
  };
}
