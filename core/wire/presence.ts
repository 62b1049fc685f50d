import { no, ok, type Result } from '../result.ts';
import {
  bytesLeft,
  cursorOver,
  putVaruint,
  readBytes,
  readVaruint,
  type VarintReason,
  varuintSize,
} from './varint.ts';

/** One entry of y-protocols' awareness: a client's state as JSON text. */
export interface Presence {
  readonly client: number;
  readonly clock: number;
  readonly state: Uint8Array;
}

/** Why bytes are not an awareness update. */
type PresenceReason = VarintReason | 'too-many-entries' | 'trailing-bytes';

/** Entries in one awareness update: stock clients repeat those of others. */
const MAX_ENTRIES = 4096;

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
