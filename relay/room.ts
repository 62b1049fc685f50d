import { Fault } from '../core/errors.ts';
import { addStray, NO_STRAYS, type Strays } from '../core/ledger/strays.ts';
import type { Crypto, Store } from '../core/ports.ts';
import { isAwaited } from '../core/state/evidence.ts';
import { emptyMembership, foldMembership, freeze, type Membership } from '../core/state/membership.ts';
import { invitationOf, namedKey } from '../core/state/standing.ts';
import type { Hash, LogId, PublicKey } from '../core/units.ts';
import type { Known } from '../core/verify/known.ts';
import type { Stray } from '../core/verify/record.ts';
import { verifyRun } from '../core/verify/run.ts';
import { isEvidence } from '../core/verify/stray-room.ts';
import { verifyStrays } from '../core/verify/strays.ts';
import { decodeCbor, encodeCbor } from '../core/wire/cbor.ts';
import { hashOf } from '../core/wire/hash.ts';
import { decodeRecord, type SealedRecord, signedBytes } from '../core/wire/record.ts';
import { decodeHead, type Head, recallRecord, recallTip } from './head.ts';
import { evidenceOf, forksOf, headsOf, placeOfStray, straysOf } from './store-keys.ts';

/** One realm's room: where each log ends and what certificates say of membership. It holds no record but evidence, and no document. */
export interface Room {
  readonly name: string;
  readonly realm: Hash;
  /** Ends of the logs as they are on disk; what may be answered, confirmed and sent. */
  readonly heads: Map<LogId, Head>;
  readonly membership: Membership;
  /** The second record of each log that has two histories. */
  readonly forks: Map<LogId, ForkedRecord>;
  /** What is kept of either history after the place where a log's histories part. */
  readonly strays: Strays;
  /** From `seq` up to `next` the history that the room holds of a forked log is among the strays, as far as it is kept there. */
  readonly combed: Map<LogId, { readonly seq: number; readonly next: number; readonly bytes: number }>;
  /** How many entries the evidence index has. */
  evidence: number;
  /** Counts turns that added something, so that a reader can tell whether it is in step. */
  commits: number;
}

/** A record beside the one that a log holds for its place. */
export interface ForkedRecord {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

const ROOM_NAME = /^[0-9a-f]{64}$/;

/** The realm whose first epoch the room's name stands for, or null if it is no room's name. */
export function realmOfRoom(name: string): Hash | null {
  return ROOM_NAME.test(name) ? (name as Hash) : null;
}

/** A room without records: what is known of it is its name. */
export function emptyRoom(name: string, realm: Hash): Room {
  return {
    ...{ name, realm, evidence: 0, commits: 0 },
    heads: new Map(),
    membership: emptyMembership(realm),
    ...{ forks: new Map(), strays: new Map(), combed: new Map() },
  };
}

/** Reads a room's index from the store: its heads and its evidence, never its records. Throws Fault STORE_CORRUPT and what the store throws. */
export async function loadRoom(store: Store, name: string, realm: Hash, crypto: Crypto): Promise<Room> {
  const room = emptyRoom(name, realm);
  for await (const [key, value] of store.range(headsOf(name))) {
    const head = decodeHead(value);
    if (head === null) throw corrupt(key);
    room.heads.set(Number.parseInt(key.slice(-8), 16) as LogId, head);
  }
  for await (const [key, value] of store.range(evidenceOf(name))) {
    if (!(await refold(room, value, crypto))) throw corrupt(key);
    room.evidence += 1;
  }
  for await (const [key, value] of store.range(forksOf(name))) {
    const record = decodeRecord(value);
    if (!record.ok) throw corrupt(key);
    const { log, seq } = record.value;
    room.forks.set(log, { seq, bytes: value });
    freeze(room.membership, log, seq);
  }
  await loadStrays(store, room, crypto);
  return room;
}

/** The first seq that the room lacks, for each of its logs: the Yjs state vector. */
export function nextSeqs(room: Room): Map<LogId, number> {
  return new Map([...room.heads].map(([log, head]) => [log, head.next]));
}

/** The one-time keys that reserve a log, as verifying asks for them. */
export function invitationKeys(membership: Membership, log: LogId): readonly PublicKey[] {
  const invitation = invitationOf(membership, log);
  return invitation === null ? [] : [invitation.body.key];
}

/** An evidence entry: a record with the parts before it. */
export function encodeEvidence(parts: readonly Uint8Array[], record: Uint8Array): Uint8Array {
  return encodeCbor([...parts, record]);
}

async function refold(room: Room, entry: Uint8Array, crypto: Crypto): Promise<boolean> {
  const value = decodeCbor(entry);
  const list = value.ok && Array.isArray(value.value) ? value.value : [];
  const records: SealedRecord[] = [];
  for (const bytes of list) {
    const record = bytes instanceof Uint8Array ? decodeRecord(bytes) : null;
    if (!record?.ok) return false;
    records.push(record.value);
  }
  const last = records.at(-1);
  const key = last === undefined ? undefined : room.heads.get(last.log)?.key;
  if (last === undefined || key === undefined) return false;
  const run = { log: last.log, from: last.seq, records: [last.bytes] };
  const { taken } = await verifyRun(run, knownThen(room, records, key), believing(last, crypto));
  for (const record of taken) foldMembership(room.membership, record);
  return taken.length === 1;
}

async function loadStrays(store: Store, room: Room, crypto: Crypto): Promise<void> {
  const logs = new Map<LogId, { readonly hashes: Set<Hash>; readonly records: Uint8Array[] }>();
  for await (const [key, entry] of store.range(straysOf(room.name))) {
    const { hash, log } = placeOfStray(key);
    const stored = logs.get(log) ?? { hashes: new Set(), records: [] };
    logs.set(log, stored);
    const value = decodeCbor(entry);
    const list = value.ok && Array.isArray(value.value) ? value.value : [];
    stored.hashes.add(hash);
    stored.records.push(...list.filter((bytes) => bytes instanceof Uint8Array));
  }
  for (const [log, { hashes, records }] of logs) {
    const known = straysKnown(room, room.heads);
    const { strays } = await verifyStrays({ log, records }, 0, known, crypto, true);
    for (const stray of strays) keepStray(room, stray);
    // One that a record without room vouched for is let go; one that has changed is another matter.
    for (const bytes of records) hashes.delete(hashOf(bytes));
    if (hashes.size > 0) throw corrupt(`strays of log ${log}`);
  }
}

/** Keeps a record of one of a forked log's histories; evidence counts. */
export function keepStray(room: Room, stray: Stray): void {
  addStray(room.strays, stray);
  if (isEvidence(stray.record)) foldMembership(room.membership, stray.record);
}

/** What looking for strays asks of a room whose logs end like this; what it holds itself is among them already. */
export function straysKnown(room: Room, heads: { get(log: LogId): Head | undefined }): Known {
  return {
    realm: room.realm,
    tip(log) {
      const head = heads.get(log);
      return head && recallTip(head);
    },
    at: () => undefined,
    named: (log) => namedKey(room.membership, log),
    invitations: (log) => invitationKeys(room.membership, log),
    frozenAt: (log) => room.membership.forks.get(log)?.seq,
    strays: (log) => room.strays.get(log) ?? NO_STRAYS,
    awaits: (ack) => isAwaited(room.membership.evidence, ack),
  };
}

/** What was known when the last of these records came: the parts before it, and the keys of other logs. */
function knownThen(room: Room, records: readonly SealedRecord[], key: PublicKey): Known {
  const last = records.at(-1);
  return {
    realm: room.realm,
    tip(log) {
      const head = room.heads.get(log);
      if (head === undefined || log !== last?.log) return head && recallTip(head);
      return last.seq === 0 ? undefined : recallTip({ next: last.seq, hash: last.prev, key });
    },
    at(log, seq) {
      if (log !== last?.log || seq < 0 || seq >= last.seq) return undefined;
      const part = records.find((record) => record.seq === seq);
      if (part !== undefined) return recallRecord(room.realm, key, part.bytes) ?? undefined;
      if (seq !== last.seq - 1) return undefined;
      return recallTip({ next: last.seq, hash: last.prev, key });
    },
    named: (log) => namedKey(room.membership, log),
    invitations: (log) => invitationKeys(room.membership, log),
    ...NO_FORKS,
  };
}

/** What a run is judged by that must follow what the room holds: evidence of other histories is looked for apart. */
export const NO_FORKS: Pick<Known, 'frozenAt' | 'strays' | 'awaits'> = {
  frozenAt: () => undefined,
  strays: () => NO_STRAYS,
  awaits: () => false,
};

/** The record's own signature verified before it was written; those that it carries may not have, and are checked again. */
function believing(record: SealedRecord, crypto: Crypto): Crypto {
  const signed = signedBytes(record);
  return {
    verify: async (key, message, signature) =>
      (sameBytes(message, signed) && sameBytes(signature, record.signature)) ||
      crypto.verify(key, message, signature),
  };
}

/** Whether two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function corrupt(key: string): Fault {
  return new Fault('STORE_CORRUPT', { detail: `expected what this relay wrote, at ${key}` });
}
