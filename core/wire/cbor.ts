import { decode, encode, rfc8949EncodeOptions } from 'cborg';
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

/** Decodes exactly one deterministically encoded item; every other encoding of it is refused. Total. */
export function decodeCbor(bytes: Uint8Array): Result<CborValue, CborReason> {
  const walk = { bytes, at: 0 };
  const reason = walkItem(walk, MAX_CBOR_DEPTH);
  if (reason !== null) return no(reason, `at byte ${walk.at} of ${bytes.length}`);
  if (walk.at !== bytes.length) return no('cbor-trailing', `${bytes.length - walk.at} bytes too many`);
  return ok(decode(bytes, { strict: true, useMaps: true }));
}

interface Walk {
  readonly bytes: Uint8Array;
  at: number;
}

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;

// cborg checks minimal integers but neither the order of keys nor depth, and recursion without a bound is an attack.
function walkItem(walk: Walk, depth: number): CborReason | null {
  const initial = walk.bytes[walk.at];
  if (initial === undefined) return 'cbor-truncated';
  if (depth === 0) return 'cbor-too-deep';
  if (initial === 0xf4 || initial === 0xf5 || initial === 0xf6) {
    walk.at += 1;
    return null;
  }
  const major = initial >> 5;
  if (major > MAP) return 'cbor-unsupported';
  const argument = readArgument(walk);
  if (typeof argument === 'string') return argument;
  switch (major) {
    case UINT:
      return null;
    case NEGATIVE:
      // Its value is one less than the argument's negative: the last argument would not be an exact number.
      return argument < Number.MAX_SAFE_INTEGER ? null : 'cbor-unsupported';
    case BYTES:
    case TEXT:
      if (argument > walk.bytes.length - walk.at) return 'cbor-truncated';
      walk.at += argument;
      if (major === TEXT && !isPlainText(walk.bytes, walk.at - argument, walk.at)) return 'cbor-text';
      return null;
    case ARRAY:
      return walkItems(walk, argument, depth);
    default:
      return walkEntries(walk, argument, depth);
  }
}

function walkItems(walk: Walk, count: number, depth: number): CborReason | null {
  if (count > walk.bytes.length - walk.at) return 'cbor-truncated';
  for (let i = 0; i < count; i++) {
    const reason = walkItem(walk, depth - 1);
    if (reason !== null) return reason;
  }
  return null;
}

function walkEntries(walk: Walk, count: number, depth: number): CborReason | null {
  if (2 * count > walk.bytes.length - walk.at) return 'cbor-truncated';
  let previous: { from: number; to: number } | null = null;
  for (let i = 0; i < count; i++) {
    const from = walk.at;
    const major = (walk.bytes[from] ?? 0xff) >> 5;
    if (major !== UINT && major !== NEGATIVE && major !== TEXT) return 'cbor-unsupported';
    const keyReason = walkItem(walk, depth - 1);
    if (keyReason !== null) return keyReason;
    const key = { from, to: walk.at };
    // Out of order is a second encoding of the same map; equal keys are two meanings in one.
    if (previous !== null && compareKeys(walk.bytes, previous, key) >= 0) return 'cbor-key-order';
    previous = key;
    const valueReason = walkItem(walk, depth - 1);
    if (valueReason !== null) return valueReason;
  }
  return null;
}

function readArgument(walk: Walk): number | CborReason {
  const { bytes } = walk;
  const minor = (bytes[walk.at] ?? 0) & 31;
  walk.at += 1;
  if (minor < 24) return minor;
  if (minor > 27) return 'cbor-unsupported';
  const width = 1 << (minor - 24);
  if (width > bytes.length - walk.at) return 'cbor-truncated';
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[walk.at + i] ?? 0);
  walk.at += width;
  const least = width === 1 ? 24 : 256 ** (width / 2);
  if (value < least) return 'cbor-not-minimal';
  return Number.isSafeInteger(value) ? value : 'cbor-unsupported';
}

function compareKeys(
  bytes: Uint8Array,
  a: { from: number; to: number },
  b: { from: number; to: number },
): number {
  const length = Math.min(a.to - a.from, b.to - b.from);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[a.from + i] ?? 0) - (bytes[b.from + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.to - a.from - (b.to - b.from);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const BYTE_ORDER_MARK = 0xef;

// Decoders replace what is not UTF-8 and drop a byte order mark: two byte strings would become one text.
function isPlainText(bytes: Uint8Array, from: number, to: number): boolean {
  let ascii = true;
  for (let i = from; i < to && ascii; i++) ascii = (bytes[i] ?? 0) < 0x80;
  if (ascii) return true;
  if (bytes[from] === BYTE_ORDER_MARK && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) return false;
  try {
    UTF8.decode(bytes.subarray(from, to));
    return true;
  } catch {
    return false;
  }
}
