import { no, ok, type Result } from '../result.ts';
import { MAX_ROUGHTIME_BYTES } from './bounds.ts';

/** Tags in one message: a response has seven, and servers may add undefined ones (RFC 10049, Grease). */
export const MAX_ROUGHTIME_TAGS = 32;

const NAMES = [
  'SIG',
  'VER',
  'SRV',
  'NONC',
  'DELE',
  'TYPE',
  'PATH',
  'LHCH',
  'RADI',
  'PUBK',
  'MIDP',
  'SREP',
  'VERS',
  'MINT',
  'ROOT',
  'CERT',
  'MAXT',
  'INDX',
  'ZZZZ',
] as const;

/** A tag that we read or write, by its ASCII name. `LHCH` is ours: the head of a room's configuration. */
type TagName = (typeof NAMES)[number];

/** The tags as numbers: the name's bytes, padded with zeros, as a little-endian uint32 (RFC 10049, Tags). */
export const TAGS = Object.fromEntries(NAMES.map((name) => [name, tagOf(name)])) as Record<TagName, number>;

/** The values of a message by tag; each is a view of the bytes received, so that signatures are checked over those. */
export type TagMap = ReadonlyMap<number, Uint8Array>;

/** Why bytes are not a Roughtime message. */
type MessageReason = 'message-short' | 'message-tags' | 'message-offsets' | 'message-order';

/** Why bytes are not a Roughtime packet. */
export type PacketReason = 'packet-too-long' | 'packet-header' | 'packet-length' | MessageReason;

/** Why a message lacks what it must have. */
export type FieldReason = 'field-missing' | 'field-length';

const MAGIC = Uint8Array.from('ROUGHTIM', (character) => character.charCodeAt(0));

/** Bytes before the message in a packet. */
export const PACKET_HEADER_BYTES = 12;

/** Reads a tag-value map (RFC 10049, Message Format): tags ascending, each once, offsets aligned and within. Total. */
export function decodeMessage(bytes: Uint8Array): Result<TagMap, MessageReason> {
  if (bytes.length < 8) return no('message-short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0, true);
  if (count === 0 || count > MAX_ROUGHTIME_TAGS) return no('message-tags', `${count} tags`);
  const start = 8 * count;
  const room = bytes.length - start;
  if (room < 0) return no('message-short');

  const values = new Map<number, Uint8Array>();
  let from = 0;
  let before = -1;
  for (let i = 0; i < count; i++) {
    const last = i === count - 1;
    const until = last ? room : view.getUint32(4 + 4 * i, true);
    // The last value ends where the bytes do, so that offsets in order are also offsets within.
    if ((!last && until % 4 !== 0) || until < from) return no('message-offsets');
    const tag = view.getUint32(4 * count + 4 * i, true);
    // A tag that occurs twice could be read one way by the signer and another way by us.
    if (tag <= before) return no('message-order');
    values.set(tag, bytes.subarray(start + from, start + until));
    from = until;
    before = tag;
  }
  return ok(values);
}

/** Writes a tag-value map; tags are put in order, and every value but the last must be a multiple of four long. */
export function encodeMessage(values: { readonly [Name in TagName]?: Uint8Array }): Uint8Array {
  return encodeTags(new Map(Object.entries(values).map(([name, value]) => [TAGS[name as TagName], value])));
}

/** Writes a tag-value map, also of tags that we have no name for. */
export function encodeTags(values: TagMap): Uint8Array {
  const entries = [...values].map(([tag, value]) => ({ tag, value })).sort((a, b) => a.tag - b.tag);
  const start = 8 * entries.length;
  const out = new Uint8Array(entries.reduce((sum, entry) => sum + entry.value.length, start));
  const view = new DataView(out.buffer);
  view.setUint32(0, entries.length, true);
  let offset = 0;
  entries.forEach(({ tag, value }, i) => {
    if (i > 0) view.setUint32(4 * i, offset, true);
    view.setUint32(4 * entries.length + 4 * i, tag, true);
    out.set(value, start + offset);
    offset += value.length;
  });
  return out;
}

/** How long the packet is that begins with these bytes, by its own header; null if they are too few or no header. */
export function packetLength(bytes: Uint8Array): number | null {
  if (bytes.length < PACKET_HEADER_BYTES) return null;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[i] !== MAGIC[i]) return null;
  return PACKET_HEADER_BYTES + readUint32(bytes, 8);
}

/** The message inside a packet; a packet is exactly its header and the message that the header announces. */
export function decodePacket(packet: Uint8Array): Result<TagMap, PacketReason> {
  if (packet.length > MAX_ROUGHTIME_BYTES) return no('packet-too-long', `${packet.length} bytes`);
  const announced = packetLength(packet);
  if (announced === null) return no('packet-header');
  if (announced !== packet.length) return no('packet-length', `${announced} bytes announced`);
  return decodeMessage(packet.subarray(PACKET_HEADER_BYTES));
}

/** A packet of one message. */
export function encodePacket(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(PACKET_HEADER_BYTES + message.length);
  out.set(MAGIC);
  new DataView(out.buffer).setUint32(8, message.length, true);
  out.set(message, PACKET_HEADER_BYTES);
  return out;
}

/** The named values of a message, each of the length given in bytes; `null` stands for any length. Others are ignored. */
export function pick<Name extends TagName>(
  message: TagMap,
  lengths: Readonly<Record<Name, number | null>>,
): Result<Readonly<Record<Name, Uint8Array>>, FieldReason> {
  const out = {} as Record<Name, Uint8Array>;
  for (const name in lengths) {
    const value = message.get(TAGS[name]);
    if (value === undefined) return no('field-missing', name);
    const length = lengths[name];
    if (length !== null && value.length !== length)
      return no('field-length', `${name}: ${value.length} bytes`);
    out[name] = value;
  }
  return ok(out);
}

/** The uint32 at an offset of a value whose length was checked. */
export function readUint32(value: Uint8Array, at = 0): number {
  return new DataView(value.buffer, value.byteOffset, value.length).getUint32(at, true);
}

/** The uint64 of an 8-byte value. */
export function readUint64(value: Uint8Array): bigint {
  return new DataView(value.buffer, value.byteOffset, value.length).getBigUint64(0, true);
}

/** Little-endian uint32 values, one after another. */
export function uint32(...numbers: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * numbers.length);
  const view = new DataView(out.buffer);
  numbers.forEach((number, i) => {
    view.setUint32(4 * i, number, true);
  });
  return out;
}

/** A little-endian uint64. */
export function uint64(number: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, number, true);
  return out;
}

/** The version numbers of a VER or VERS value, or null unless they are 1 to 32, ascending, each once (RFC 10049). */
export function readVersions(value: Uint8Array): readonly number[] | null {
  if (value.length === 0 || value.length % 4 !== 0 || value.length > 128) return null;
  const out: number[] = [];
  let before = -1;
  for (let at = 0; at < value.length; at += 4) {
    const version = readUint32(value, at);
    if (version <= before) return null;
    out.push(version);
    before = version;
  }
  return out;
}

function tagOf(name: string): number {
  let tag = 0;
  for (let i = name.length - 1; i >= 0; i--) tag = tag * 256 + name.charCodeAt(i);
  return tag;
}
