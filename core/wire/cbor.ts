import { encode, rfc8949EncodeOptions } from 'cborg';
import { no, ok, type Result } from '../result.ts';
import { MAX_CBOR_DEPTH } from './bounds.ts';

/** What a record may hold: a small part of CBOR (RFC 8949). Maps stay Maps, so that no key can choose a prototype. */
export type CborValue =
  | number
  | boolean
  | null
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<string | number, CborValue>;

/** Why bytes are not deterministic CBOR of our kind. */
export type CborReason =
  | 'cbor-truncated'
  | 'cbor-too-deep'
  | 'cbor-not-minimal'
  | 'cbor-key-order'
  | 'cbor-unsupported'
  | 'cbor-text'
  | 'cbor-trailing';

/** Deterministic CBOR (RFC 8949, 4.2.1) of the value. */
export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/** Decodes exactly one deterministically encoded item; every other encoding of it is refused. Bytes in it are views of those given. Total. */
export function decodeCbor(bytes: Uint8Array): Result<CborValue, CborReason> {
  const walk: Walk = { bytes, at: 0, flaw: null };
  const value = readItem(walk, MAX_CBOR_DEPTH);
  if (walk.flaw !== null) return no(walk.flaw, `at byte ${walk.at} of ${bytes.length}`);
  if (walk.at !== bytes.length) return no('cbor-trailing', `${bytes.length - walk.at} bytes too many`);
  return ok(value);
}

interface Walk {
  readonly bytes: Uint8Array;
  at: number;
  /** The first thing that was wrong; what is read after it means nothing. */
  flaw: CborReason | null;
}

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;

// A decoder of its own: cborg checks neither the order of keys nor depth, and reading all twice cost a third of a bulk.
function readItem(walk: Walk, depth: number): CborValue {
  const initial = walk.bytes[walk.at];
  if (initial === undefined) return fail(walk, 'cbor-truncated');
  // Recursion without a bound is an attack.
  if (depth === 0) return fail(walk, 'cbor-too-deep');
  if (initial === 0xf4 || initial === 0xf5 || initial === 0xf6) {
    walk.at += 1;
    return initial === 0xf6 ? null : initial === 0xf5;
  }
  const major = initial >> 5;
  if (major > MAP) return fail(walk, 'cbor-unsupported');
  const argument = readArgument(walk);
  if (walk.flaw !== null) return null;
  switch (major) {
    case UINT:
      return argument;
    case NEGATIVE:
      // Its value is one less than the argument's negative: the last argument would not be an exact number.
      return argument < Number.MAX_SAFE_INTEGER ? -1 - argument : fail(walk, 'cbor-unsupported');
    case BYTES:
      return readBytes(walk, argument);
    case TEXT:
      return readText(walk, argument);
    case ARRAY:
      return readItems(walk, argument, depth);
    default:
      return readEntries(walk, argument, depth);
  }
}

function fail(walk: Walk, flaw: CborReason): null {
  walk.flaw ??= flaw;
  return null;
}

function readBytes(walk: Walk, length: number): Uint8Array | null {
  const { bytes, at } = walk;
  if (length > bytes.length - at) return fail(walk, 'cbor-truncated');
  walk.at += length;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

function readItems(walk: Walk, count: number, depth: number): CborValue {
  if (count > walk.bytes.length - walk.at) return fail(walk, 'cbor-truncated');
  const items: CborValue[] = [];
  for (let i = 0; i < count && walk.flaw === null; i++) items.push(readItem(walk, depth - 1));
  return items;
}

function readEntries(walk: Walk, count: number, depth: number): CborValue {
  if (2 * count > walk.bytes.length - walk.at) return fail(walk, 'cbor-truncated');
  const entries = new Map<string | number, CborValue>();
  let previousFrom = 0;
  let previousTo = 0;
  for (let i = 0; i < count && walk.flaw === null; i++) {
    const from = walk.at;
    const key = readItem(walk, depth - 1);
    if (walk.flaw !== null) break;
    if (typeof key !== 'number' && typeof key !== 'string') return fail(walk, 'cbor-unsupported');
    // Out of order is a second encoding of the same map; equal keys are two meanings in one.
    if (i > 0 && compareKeys(walk.bytes, previousFrom, previousTo, from, walk.at) >= 0) {
      return fail(walk, 'cbor-key-order');
    }
    previousFrom = from;
    previousTo = walk.at;
    entries.set(key, readItem(walk, depth - 1));
  }
  return entries;
}

function readArgument(walk: Walk): number {
  const { bytes } = walk;
  const minor = (bytes[walk.at] ?? 0) & 31;
  walk.at += 1;
  if (minor < 24) return minor;
  if (minor > 27) return refuse(walk, 'cbor-unsupported');
  const width = 1 << (minor - 24);
  if (width > bytes.length - walk.at) return refuse(walk, 'cbor-truncated');
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[walk.at + i] ?? 0);
  walk.at += width;
  const least = width === 1 ? 24 : 256 ** (width / 2);
  if (value < least) return refuse(walk, 'cbor-not-minimal');
  return Number.isSafeInteger(value) ? value : refuse(walk, 'cbor-unsupported');
}

function refuse(walk: Walk, flaw: CborReason): number {
  fail(walk, flaw);
  return 0;
}

function compareKeys(bytes: Uint8Array, aFrom: number, aTo: number, bFrom: number, bTo: number): number {
  const length = Math.min(aTo - aFrom, bTo - bFrom);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[aFrom + i] ?? 0) - (bytes[bFrom + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aTo - aFrom - (bTo - bFrom);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const BYTE_ORDER_MARK = 0xef;

/** A short text is made faster from its characters than by a decoder. */
const SHORT_TEXT = 64;

function readText(walk: Walk, length: number): string | null {
  const { bytes, at } = walk;
  if (length > bytes.length - at) return fail(walk, 'cbor-truncated');
  walk.at += length;
  if (length > SHORT_TEXT) return readUtf8(walk, at);
  const units: number[] = [];
  for (let i = at; i < walk.at; i++) {
    const unit = bytes[i] ?? 0;
    if (unit >= 0x80) return readUtf8(walk, at);
    units.push(unit);
  }
  return String.fromCharCode(...units);
}

// Decoders replace what is not UTF-8 and drop a byte order mark: two byte strings would become one text.
function readUtf8(walk: Walk, from: number): string | null {
  const text = walk.bytes.subarray(from, walk.at);
  if (text[0] === BYTE_ORDER_MARK && text[1] === 0xbb && text[2] === 0xbf) return fail(walk, 'cbor-text');
  try {
    return UTF8.decode(text);
  } catch {
    return fail(walk, 'cbor-text');
  }
}
