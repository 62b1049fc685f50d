import { no, ok, type Result } from '../core/result.ts';
import {
  bytesLeft,
  cursorOver,
  putVaruint,
  readBytes,
  readVaruint,
  type VarintReason,
  varuintSize,
} from '../core/wire/varint.ts';

/** One entry of y-protocols' awareness: a client's state as JSON text, which nobody here reads. */
export interface Presence {
  readonly client: number;
  readonly clock: number;
  readonly state: Uint8Array;
}

/** Why bytes are not an awareness update. */
type PresenceReason = VarintReason | 'too-many-entries' | 'trailing-bytes';

/** Why an entry is not shown to others. */
type PostReason = 'foreign-presence' | 'presence-too-large';

/** Entries in one awareness update: stock clients repeat those of others. */
const MAX_ENTRIES = 4096;
const GONE = new TextEncoder().encode('null');

/** The entries of an awareness update. Total. */
export function readPresence(bytes: Uint8Array): Result<readonly Presence[], PresenceReason> {
  const cursor = cursorOver(bytes);
  const count = readVaruint(cursor);
  if (count > MAX_ENTRIES) return no('too-many-entries', `expected at most ${MAX_ENTRIES}, got ${count}`);
  const entries: Presence[] = [];
  for (let i = 0; i < count && cursor.flaw === null; i++) {
    const client = readVaruint(cursor);
    const clock = readVaruint(cursor);
    entries.push({ client, clock, state: readBytes(cursor, readVaruint(cursor)) });
  }
  if (cursor.flaw !== null) return no(cursor.flaw);
  return bytesLeft(cursor) === 0 ? ok(entries) : no('trailing-bytes');
}

/** The awareness update of these entries. */
export function writePresence(entries: readonly Presence[]): Uint8Array {
  let size = varuintSize(entries.length);
  for (const { client, clock, state } of entries) {
    size += varuintSize(client) + varuintSize(clock) + varuintSize(state.length) + state.length;
  }
  const out = new Uint8Array(size);
  let at = putVaruint(out, 0, entries.length);
  for (const { client, clock, state } of entries) {
    at = putVaruint(out, putVaruint(out, at, client), clock);
    at = putVaruint(out, at, state.length);
    out.set(state, at);
    at += state.length;
  }
  return out;
}

/** What others are told when a client has gone. */
function goneFrom(last: Presence): Presence {
  return { client: last.client, clock: last.clock + 1, state: GONE };
}

/** Who is present in one room: one entry per connection, in memory only, and never evidence of anything. */
interface PresenceBoard<Owner> {
  /** Takes an owner's own entry out of an update, or says why there is none that it may set. */
  post(owner: Owner, entries: readonly Presence[], maxBytes: number): Result<Presence, PostReason>;
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
      if (other !== undefined && other !== owner) entries.delete(other);
      const entry = { ...own, state: own.state.slice() };
      entries.set(owner, entry);
      owners.set(own.client, owner);
      return ok(entry);
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
