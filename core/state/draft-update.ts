import * as decoding from 'lib0/decoding';
import { no, ok, type Result } from '../result.ts';
import { MAX_RECORD_BYTES } from '../wire/bounds.ts';

/** Why the bytes of a draft update are refused by their form alone. */
export type DraftFormReason =
  | 'too-large'
  | 'malformed'
  | 'empty'
  | 'gc'
  | 'skip'
  | 'bad-content'
  | 'bad-key'
  | 'bad-delete'
  | 'foreign-client';

/** Position of one unit in the document. */
export interface UnitId {
  readonly client: number;
  readonly clock: number;
}

/** What a struct carries: a plain value, a piece of a note, a new map, a new note. */
type DraftContent =
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'map' }
  | { readonly kind: 'note' };

/** One struct as written; the parent is named only where there is neither left nor right neighbour. */
export interface DraftStruct {
  readonly clock: number;
  readonly left: UnitId | null;
  readonly right: UnitId | null;
  readonly parent: string | UnitId | null;
  /** Whether the struct says that it sits under a key; `key` itself is written only beside a parent. */
  readonly keyed: boolean;
  readonly key: string | null;
  readonly content: DraftContent;
}

/** Units of one client that the update deletes. */
interface DraftDeletion {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

/** A draft update taken apart: structs of one client from `clock` to `end`, and deletions. */
export interface DraftUpdate {
  readonly client: number | null;
  readonly clock: number;
  readonly end: number;
  readonly structs: readonly DraftStruct[];
  readonly deletions: readonly DraftDeletion[];
}

const KEY = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const ITEM = 0b0001_1111;
const HAS_LEFT = 0b1000_0000;
const HAS_RIGHT = 0b0100_0000;
const HAS_KEY = 0b0010_0000;
const GC = 0;
const STRING = 4;
const TYPE = 7;
const ANY = 8;
const SKIP = 10;
const ANY_STRING = 119;
const ANY_TRUE = 120;
const ANY_FALSE = 121;
const ANY_FLOAT64 = 123;
const ANY_FLOAT32 = 124;
const ANY_INTEGER = 125;

class Refused extends Error {
  readonly reason: DraftFormReason;

  constructor(reason: DraftFormReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Takes a Yjs update (version 1) apart without Yjs, refusing all that a registry edit never contains. Total; one encoding only. */
export function parseDraftUpdate(bytes: Uint8Array): Result<DraftUpdate, DraftFormReason> {
  if (bytes.length > MAX_RECORD_BYTES) return no('too-large', `${bytes.length} bytes`);
  try {
    return ok(readUpdate(decoding.createDecoder(bytes)));
  } catch (thrown) {
    if (thrown instanceof Refused) return no(thrown.reason, thrown.message);
    return no('malformed', thrown instanceof Error ? thrown.message : undefined);
  }
}

function readUpdate(from: decoding.Decoder): DraftUpdate {
  const blocks = readUint(from);
  if (blocks > 1) throw new Refused('foreign-client', `${blocks} clients`);
  let client: number | null = null;
  let clock = 0;
  let end = 0;
  const structs: DraftStruct[] = [];
  if (blocks === 1) {
    const count = readUint(from);
    client = readUint(from);
    clock = readUint(from);
    end = clock;
    if (count === 0) throw new Refused('malformed', 'a client without structs');
    for (let i = 0; i < count; i++) {
      const struct = readStruct(from, end);
      structs.push(struct);
      end += struct.content.kind === 'text' ? struct.content.text.length : 1;
    }
  }
  const deletions = readDeletions(from);
  if (decoding.hasContent(from)) throw new Refused('malformed', 'trailing bytes');
  if (structs.length === 0 && deletions.length === 0) throw new Refused('empty', 'nothing in the update');
  return { client, clock, end, structs, deletions };
}

function readStruct(from: decoding.Decoder, clock: number): DraftStruct {
  const info = decoding.readUint8(from);
  // A GC struct makes a peer believe it has units that it can never get.
  if ((info & ITEM) === GC) throw new Refused('gc', `at clock ${clock}`);
  if ((info & ITEM) === SKIP) throw new Refused('skip', `at clock ${clock}`);
  const left = info & HAS_LEFT ? readUnit(from) : null;
  const right = info & HAS_RIGHT ? readUnit(from) : null;
  const keyed = (info & HAS_KEY) !== 0;
  let parent: string | UnitId | null = null;
  let key: string | null = null;
  if (left === null && right === null) {
    const named = readUint(from);
    if (named > 1) throw new Refused('malformed', `parent form ${named}`);
    parent = named === 1 ? readText(from) : readUnit(from);
    key = keyed ? readKey(from) : null;
  }
  return { clock, left, right, parent, keyed, key, content: readContent(from, info & ITEM) };
}

function readContent(from: decoding.Decoder, ref: number): DraftContent {
  if (ref === ANY) return { kind: 'value', value: readValue(from) };
  if (ref === STRING) {
    const text = readText(from);
    if (text.length === 0) throw new Refused('bad-content', 'an empty piece of text');
    return { kind: 'text', text };
  }
  if (ref === TYPE) {
    const type = readUint(from);
    if (type === 1) return { kind: 'map' };
    if (type === 2) return { kind: 'note' };
    throw new Refused('bad-content', `type ${type}`);
  }
  // Deleted, JSON, binary, embedded and formatted content, subdocuments: no edit of a registry makes them.
  throw new Refused('bad-content', `content ${ref}`);
}

/** Strings, finite numbers and booleans only: lib0 would build objects with a prototype of the sender's choice, to any depth. */
function readValue(from: decoding.Decoder): string | number | boolean {
  const count = readUint(from);
  if (count !== 1) throw new Refused('bad-content', `${count} values under one key`);
  const tag = decoding.readUint8(from);
  if (tag === ANY_STRING) return readText(from);
  if (tag === ANY_TRUE) return true;
  if (tag === ANY_FALSE) return false;
  if (tag === ANY_INTEGER) return finite(readInt(from));
  if (tag === ANY_FLOAT32) return finite(decoding.readFloat32(from));
  if (tag === ANY_FLOAT64) return finite(decoding.readFloat64(from));
  throw new Refused('bad-content', `value tag ${tag}`);
}

function finite(value: number): number {
  if (!Number.isFinite(value) || Object.is(value, -0)) throw new Refused('bad-content', `number ${value}`);
  return value;
}

function readDeletions(from: decoding.Decoder): DraftDeletion[] {
  const deletions: DraftDeletion[] = [];
  const clients = readUint(from);
  const seen = new Set<number>();
  for (let i = 0; i < clients; i++) {
    const client = readUint(from);
    if (seen.has(client)) throw new Refused('bad-delete', `client ${client} twice`);
    seen.add(client);
    const ranges = readUint(from);
    if (ranges === 0) throw new Refused('bad-delete', `client ${client} without ranges`);
    let next = 0;
    for (let j = 0; j < ranges; j++) {
      const clock = readUint(from);
      const length = readUint(from);
      if (length === 0 || clock < next) throw new Refused('bad-delete', `range ${clock}+${length}`);
      next = clock + length;
      deletions.push({ client, clock, length });
    }
  }
  return deletions;
}

function readUnit(from: decoding.Decoder): UnitId {
  return { client: readUint(from), clock: readUint(from) };
}

function readKey(from: decoding.Decoder): string {
  const key = readText(from);
  // `__proto__` and other names that an object inherits never reach a projection.
  if (!KEY.test(key)) throw new Refused('bad-key', key.slice(0, 80));
  return key;
}

function readText(from: decoding.Decoder): string {
  const length = readUint(from);
  const rest = from.arr.length - from.pos;
  if (length > rest) throw new Refused('malformed', `text of ${length} bytes in ${rest}`);
  from.pos -= uintLength(length);
  return decoding.readVarString(from);
}

function uintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

function readUint(from: decoding.Decoder): number {
  const start = from.pos;
  const value = decoding.readVarUint(from);
  if (!Number.isSafeInteger(value)) throw new Refused('malformed', 'integer out of range');
  if (from.pos - start !== uintLength(value)) throw new Refused('malformed', 'integer not minimal');
  return value;
}

function readInt(from: decoding.Decoder): number {
  const start = from.pos;
  const value = decoding.readVarInt(from);
  const magnitude = Math.abs(value);
  const length = magnitude < 64 ? 1 : 1 + uintLength(Math.floor(magnitude / 64));
  if (!Number.isSafeInteger(value) || from.pos - start !== length) {
    throw new Refused('malformed', 'integer not minimal');
  }
  return value;
}
