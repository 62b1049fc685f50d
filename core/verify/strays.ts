import type { Crypto } from '../ports.ts';
import type { Hash, LogId, PublicKey } from '../units.ts';
import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_STRAY_CHECKS } from '../wire/bounds.ts';
import { decodeRecord, NO_HASH, type SealedRecord, signedBytes } from '../wire/record.ts';
import { decodeBody } from './body.ts';
import { asEvidence } from './carried.ts';
import { codesIn, signedGrants } from './grant.ts';
import type { Known } from './known.ts';
import type { InertRecord, Stray, VerifiedRecord } from './record.ts';
import { type PartsAt, partsIn } from './stray-parts.ts';
import { type StrayRoom, strayRoom } from './stray-room.ts';

/** What was found, and whether the records are nothing but what is held, kept or found. */
interface StrayVerdict {
  readonly strays: readonly Stray[];
  readonly all: boolean;
}

/**
 * Picks from records of a log that has two histories from `end` on what is not held yet, as far as there is room. Their
 * order does not matter. Evidence stands on its own signature, the rest on that or on a later one's through the chain.
 * However many they are when they are `stored`: those had room and were checked before.
 */
export async function verifyStrays(
  { log, records }: { readonly log: LogId; readonly records: readonly Uint8Array[] },
  end: number,
  known: Known,
  crypto: Crypto,
  stored = false,
): Promise<StrayVerdict> {
  const key = known.tip(log)?.key;
  if (key === undefined) return { strays: [], all: false };
  const own = records
    .map((bytes) => decodeRecord(bytes))
    .flatMap((record) => (record.ok ? [record.value] : []))
    .filter((record) => record.log === log && realmOf(record) === known.realm);
  const kept = known.strays(log);
  const search: Search = {
    ...{ log, end, key, known, crypto, kept, partsOf: partsIn(own, kept) },
    room: stored ? ROOM_ON_DISK : strayRoom(kept, known.awaits),
    ...{ found: new Map(), later: new Set() },
    checks: stored ? Number.POSITIVE_INFINITY : MAX_STRAY_CHECKS,
  };
  for (const record of own) {
    if (isNew(search, record) && SELF_CONTAINED.has(record.type)) await takeEvidence(search, record);
  }
  await takeLinks(search, own);
  return {
    strays: [...search.found.values()],
    all: own.length === records.length && !own.some((record) => isMissing(search, record)),
  };
}

/** What is on a disk had room when it came: what was awaited then may not be yet when it is read. */
const ROOM_ON_DISK: StrayRoom = { forEvidence: () => true, forLink: () => true, take() {} };

interface Search {
  readonly log: LogId;
  readonly end: number;
  readonly key: PublicKey;
  readonly known: Known;
  readonly crypto: Crypto;
  readonly kept: ReadonlyMap<Hash, Stray>;
  readonly partsOf: PartsAt;
  readonly room: StrayRoom;
  readonly found: Map<Hash, Stray>;
  /** Evidence that may be found to be some when more is known. */
  readonly later: Set<Hash>;
  checks: number;
}

function realmOf({ hash, realm }: SealedRecord): Hash {
  return realm === NO_HASH ? hash : realm;
}

function isMissing({ found, kept, known, log }: Search, { hash, seq }: SealedRecord): boolean {
  return !kept.has(hash) && !found.has(hash) && known.at(log, seq)?.hash !== hash;
}

function isNew(search: Search, record: SealedRecord): boolean {
  return record.seq >= search.end && isMissing(search, record);
}

function keep({ found, room }: Search, stray: Stray): void {
  found.set(stray.record.hash, stray);
  room.take(stray.record);
}

async function isSigned(search: Search, record: SealedRecord): Promise<boolean> {
  // The attack: whoever holds a forked log's key signs without end, and everybody checks and keeps it all.
  if (search.checks <= 0) return false;
  search.checks -= 1;
  return search.crypto.verify(search.key, signedBytes(record), record.signature);
}

async function takeEvidence(search: Search, record: SealedRecord): Promise<void> {
  const { crypto, key, known, later, partsOf, room } = search;
  const { hash, prev } = record;
  const parts = partsOf(record);
  if (parts === null) return;
  const decoded = decodeBody(record, (places) => parts.at(-places)?.data);
  if (!decoded.ok || !room.forEvidence(decoded.value)) return;
  const proven =
    (await isSigned(search, record)) &&
    (await asEvidence(record, decoded.value, { key, proven: true }, known, crypto));
  if (proven) keep(search, { record: proven, prev, parts: parts.map(({ bytes }) => bytes) });
  else later.add(hash);
}

// Newest first: one signature covers all that is chained before it.
async function takeLinks(search: Search, own: readonly SealedRecord[]): Promise<void> {
  const { later, room } = search;
  const isWanted = (record: SealedRecord) =>
    isNew(search, record) && !later.has(record.hash) && room.forLink(record);
  const covered = new Set<Hash>();
  const links: SealedRecord[] = [];
  for (const record of [...own].sort((a, b) => b.seq - a.seq)) {
    const { hash, prev } = record;
    if (!covered.has(hash) && !(isWanted(record) && (await isSigned(search, record)))) continue;
    covered.add(prev);
    links.push(record);
  }
  for (const record of links.reverse()) {
    if (!isWanted(record)) continue;
    const link = await asLink(search, record);
    if (link !== null) keep(search, link);
  }
}

async function asLink(search: Search, record: SealedRecord): Promise<Stray | null> {
  const { crypto, key, known, partsOf } = search;
  const { bytes, hash, log, prev, seq, type } = record;
  const parts = partsOf(record);
  if (parts === null) return null;
  const decoded = decodeBody(record, (places) => parts.at(-places)?.data);
  const place = { realm: known.realm, log, seq, hash, bytes, key };
  if (!decoded.ok)
    return { record: { ...place, type: 'inert', named: type } as InertRecord, prev, parts: [] };
  const { value } = decoded;
  const grants = value.type === 'draft' ? await signedGrants(codesIn(value.body.update), crypto) : [];
  const link = { ...place, ...value, proven: false, carried: [], signers: [], grants };
  return { record: link as unknown as VerifiedRecord, prev, parts: parts.map((part) => part.bytes) };
}
