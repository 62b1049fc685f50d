/** The variable-length unsigned integers of lib0 and Yjs: seven bits a byte, lowest first; one encoding each. */

/** Why the next bytes are not what was asked for. */
export type VarintReason = 'truncated' | 'not-minimal' | 'out-of-range';

/** A place in untrusted bytes. The first flaw sticks: later reads give 0 or nothing, so that it can be checked once per step. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  flaw: VarintReason | null;
}

/** A cursor at the beginning of the bytes. */
export function cursorOver(bytes: Uint8Array): Cursor {
  return { bytes, at: 0, flaw: null };
}

/** How many bytes are left. */
export function bytesLeft(cursor: Cursor): number {
  return cursor.bytes.length - cursor.at;
}

/** Reads one byte. */
export function readByte(cursor: Cursor): number {
  const byte = cursor.flaw === null ? cursor.bytes[cursor.at] : 0;
  if (byte === undefined) return flawed(cursor, 'truncated');
  cursor.at += 1;
  return byte;
}

const CONTINUES = 0x80;

/** Reads an integer 0 … 2^53 − 1; a longer encoding than needed is refused, since it would be a second one. */
export function readVaruint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = readByte(cursor);
    if (cursor.flaw !== null) return 0;
    value += (byte & 0x7f) * scale;
    if (byte >= CONTINUES) continue;
    if (byte === 0 && scale > 1) return flawed(cursor, 'not-minimal');
    return value <= Number.MAX_SAFE_INTEGER ? value : flawed(cursor, 'out-of-range');
  }
  return flawed(cursor, 'out-of-range');
}

/** Takes the next bytes, as a view of the input. */
export function readBytes(cursor: Cursor, length: number): Uint8Array {
  if (length > bytesLeft(cursor)) flawed(cursor, 'truncated');
  if (cursor.flaw !== null) return cursor.bytes.subarray(0, 0);
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

function flawed(cursor: Cursor, flaw: VarintReason): 0 {
  cursor.flaw ??= flaw;
  return 0;
}

/** Bytes that an integer takes. */
export function varuintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= CONTINUES; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Writes an integer at an offset and returns the offset behind it; the caller has made the room. */
export function putVaruint(out: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  for (; rest >= CONTINUES; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) + CONTINUES;
  out[at++] = rest;
  return at;
}
