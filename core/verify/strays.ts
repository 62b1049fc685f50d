import type { Crypto } from '../ports.ts';
import type { Hash, LogId, PublicKey } from '../units.ts';
import { SELF_CONTAINED } from '../wire/bodies.ts';
import { MAX_PARTS, MAX_STRAY_CHECKS, MAX_STRAYS } from '../wire/bounds.ts';
import { decodeRecord, NO_HASH, type SealedRecord, signedBytes } from '../wire/record.ts';
import { decodeBody } from './body.ts';
import { asEvidence } from './carried.ts';
import type { Known } from './known.ts';
import type { Stray } from './record.ts';

/** What was found, and whether the records are nothing but what is held, kept or found. */
interface StrayVerdict {
  readonly strays: readonly Stray[];
  readonly all: boolean;
}

/**
 * Picks from records of a log that has two histories from `end` on the evidence that is not held yet. Neither their
 * order nor a chain matters, but parts come right before their record.
 */
export async function verifyStrays(
  { log, records }: { readonly log: LogId; readonly records: readonly Uint8Array[] },
  end: number,
  known: Known,
  crypto: Crypto,
): Promise<StrayVerdict> {
  const key = known.tip(log)?.key;
  if (key === undefined) return { strays: [], all: false };
  const search: Search = {
    ...{ log, end, key, known, crypto, parts: [], kept: known.strays(log) },
    ...begun(),
  };
  for (const bytes of records) {
    const record = decodeRecord(bytes);
    if (!record.ok || record.value.log !== log || realmOf(record.value) !== known.realm) search.others += 1;
    else if (record.value.type === 'part') keepPart(search, record.value);
    else await look(search, record.value);
  }
  return { strays: [...search.found.values()], all: search.others === 0 };
}

interface Search {
  readonly log: LogId;
  readonly end: number;
  readonly key: PublicKey;
  readonly known: Known;
  readonly crypto: Crypto;
  readonly kept: ReadonlyMap<Hash, Stray>;
  readonly found: Map<Hash, Stray>;
  /** The parts before the next record. */
  parts: SealedRecord[];
  checks: number;
  others: number;
}

function begun(): Pick<Search, 'found' | 'checks' | 'others'> {
  return { found: new Map(), checks: 0, others: 0 };
}

function realmOf({ hash, realm }: SealedRecord): Hash {
  return realm === NO_HASH ? hash : realm;
}

function keepPart(search: Search, part: SealedRecord): void {
  // Its signature covers a record through the hashes only: a part from elsewhere would put words into its mouth.
  if (search.parts.at(-1)?.hash !== part.prev) search.parts = [];
  search.parts.push(part);
  if (search.parts.length > MAX_PARTS) search.parts.shift();
}

async function look(search: Search, record: SealedRecord): Promise<void> {
  const { crypto, end, found, kept, key, known, log } = search;
  const parts = search.parts.at(-1)?.hash === record.prev ? search.parts : [];
  search.parts = [];
  const { hash, seq, type } = record;
  if (kept.has(hash) || found.has(hash) || known.at(log, seq)?.hash === hash) return;
  search.others += 1;
  if (!SELF_CONTAINED.has(type) || seq < end) return;
  // The attack: whoever holds a forked log's key signs without end, and everybody checks and keeps it all.
  if (search.checks >= MAX_STRAY_CHECKS || !hasRoom(search, type)) return;
  search.checks += 1;
  if (!(await crypto.verify(key, signedBytes(record), record.signature))) return;
  const decoded = decodeBody(record, (places) => partData(parts.at(-places)));
  if (!decoded.ok) return;
  const evidence = await asEvidence(record, decoded.value, { key, proven: true }, known, crypto);
  if (evidence === null) return;
  found.set(hash, { record: evidence, parts: parts.map(({ bytes }) => bytes) });
  search.others -= 1;
}

function hasRoom({ found, kept }: Search, type: string): boolean {
  const same = [...kept.values(), ...found.values()].filter(({ record }) => record.type === type);
  return same.length < MAX_STRAYS;
}

function partData(part: SealedRecord | undefined): Uint8Array | undefined {
  const decoded = part === undefined ? null : decodeBody(part, () => undefined);
  return decoded?.ok && decoded.value.type === 'part' ? decoded.value.body.data : undefined;
}
