import type { Crypto } from '../ports.ts';
import { ok, type Result } from '../result.ts';
import type { LogId, PublicKey } from '../units.ts';
import { EVIDENCE } from '../wire/bodies.ts';
import { decodeRecord, NO_HASH, type SealedRecord, signedBytes } from '../wire/record.ts';
import { type DecodedBody, decodeBody } from './body.ts';
import { asEvidence, verifyAlone } from './carried.ts';
import { codesIn, signedGrants } from './grant.ts';
import { joinBytes } from './join.ts';
import type { HeldRecord, Known, VerifyReason } from './known.ts';
import type { InertRecord, Stray, VerifiedRecord } from './record.ts';
import { verifyStrays } from './strays.ts';

/** Consecutive records of one log, as received. */
export interface UnverifiedRun {
  readonly log: LogId;
  readonly from: number;
  readonly records: readonly Uint8Array[];
}

/** What became of a run: a prefix may be taken while the rest is refused, and a second history is shown as two records for one place. */
export interface RunVerdict {
  readonly taken: readonly VerifiedRecord[];
  readonly refused: { readonly seq: number; readonly reason: VerifyReason; readonly detail?: string } | null;
  readonly fork: { readonly a: VerifiedRecord; readonly b: VerifiedRecord } | null;
  /** Evidence of another history of a forked log: it counts without being part of the log that is held. */
  readonly strays: readonly Stray[];
}

/**
 * Verifies a run by its chain and its newest valid signature (DESIGN: records, chains before signatures).
 * A record is taken if its own signature or a later one of the run covers it; evidence is marked proven only by its own.
 * The verdict on a record does not depend on how the records around it were cut into runs.
 */
export async function verifyRun(run: UnverifiedRun, known: Known, crypto: Crypto): Promise<RunVerdict> {
  const verdict = await verifyHistory(run, known, crypto);
  if (verdict.refused === null && verdict.fork === null) return verdict;
  const ends = [known.frozenAt(run.log), verdict.fork?.a.seq].filter((seq) => seq !== undefined);
  if (ends.length === 0) return verdict;
  const { all, strays } = await verifyStrays(run, Math.min(...ends), known, crypto);
  // A log grows along one of the histories that it is shown together: what it takes is beside it in none.
  const taken = new Set(verdict.taken.map(({ hash }) => hash));
  const apart = strays.filter(({ record }) => !taken.has(record.hash));
  return { ...verdict, strays: apart, refused: all ? null : verdict.refused };
}

async function verifyHistory(run: UnverifiedRun, known: Known, crypto: Crypto): Promise<RunVerdict> {
  const form = readRun(run, known);
  const first = form.records[0];
  if (first === undefined) return verdict([], form.refused);
  const begun = known.at(run.log, 0);
  if (first.seq === 0 && first.type === 'join' && begun !== undefined && begun.hash !== first.hash) {
    return verdict([], { seq: 0, reason: 'invitation-used' });
  }
  const key = await keyOf(first, known, crypto);
  if (!key.ok) return verdict([], { seq: first.seq, reason: key.reason, ...detailOf(key) });
  const covered = await coveredLength(form.records, key.value, crypto);
  const unsigned = form.records[covered];
  const refused: RunVerdict['refused'] =
    unsigned === undefined ? form.refused : { seq: unsigned.seq, reason: 'bad-signature' };
  const sealed = form.records.slice(0, covered);
  for (const record of sealed) {
    const held = known.at(run.log, record.seq);
    if (held !== undefined && held.hash !== record.hash) {
      return forkVerdict(record, held, key.value, known, crypto);
    }
  }
  const fresh = sealed.filter((record) => known.at(run.log, record.seq) === undefined);
  const promoted = await promote(fresh, sealed.at(-1), key.value, known, crypto);
  return verdict(promoted.taken, promoted.refused ?? refused);
}

const NONE: readonly never[] = [];

function verdict(taken: readonly VerifiedRecord[], refused: RunVerdict['refused']): RunVerdict {
  return { taken, refused, fork: null, strays: NONE };
}

function detailOf(result: { readonly detail?: string }): { readonly detail?: string } {
  return result.detail === undefined ? {} : { detail: result.detail };
}

interface ReadRun {
  readonly records: readonly SealedRecord[];
  readonly refused: RunVerdict['refused'];
}

function readRun(run: UnverifiedRun, known: Known): ReadRun {
  const records: SealedRecord[] = [];
  const refuse = (reason: VerifyReason, detail?: string): ReadRun => ({
    records,
    refused: { seq: run.from + records.length, reason, ...(detail === undefined ? {} : { detail }) },
  });
  const next = (known.tip(run.log)?.seq ?? -1) + 1;
  if (run.from > next) return refuse('gap', `expected ${next}, got ${run.from}`);
  let prev = run.from === 0 ? NO_HASH : known.at(run.log, run.from - 1)?.hash;
  for (const bytes of run.records) {
    const record = decodeRecord(bytes);
    if (!record.ok) return refuse(record.reason, record.detail);
    const { value } = record;
    if (value.log !== run.log) return refuse('wrong-log', `expected ${run.log}, got ${value.log}`);
    if (value.seq !== run.from + records.length) return refuse('wrong-log', `seq ${value.seq}`);
    // A genesis is its own realm; every other record of another realm is a replay.
    const realm = value.type === 'genesis' && value.realm === NO_HASH ? value.hash : value.realm;
    if (realm !== known.realm) return refuse('wrong-realm', `expected ${known.realm}, got ${realm}`);
    // The attack: a genesis that only claims the realm would bring a key and a roster of its own.
    if (value.type === 'genesis' && value.hash !== known.realm) return refuse('bad-genesis');
    if (value.prev !== prev) return refuse('broken-chain', `at ${value.seq}`);
    prev = value.hash;
    records.push(value);
  }
  return { records, refused: null };
}

async function keyOf(
  first: SealedRecord,
  known: Known,
  crypto: Crypto,
): Promise<Result<PublicKey, VerifyReason>> {
  const held = known.tip(first.log);
  if (held !== undefined) return ok(held.key);
  const decoded = decodeBody(first, () => undefined);
  // The realm's id is the hash of the genesis, so nobody can swap the key in it.
  if (decoded.ok && decoded.value.type === 'genesis') return ok(decoded.value.body.key);
  if (!decoded.ok || decoded.value.type !== 'join') return { ok: false, reason: 'unknown-log' };
  const { key, proof } = decoded.value.body;
  // A quorum's word outlives the invitation: an inviter who is shut out later takes nobody along (rule R8).
  if (known.named(first.log) === key) return ok(key);
  const invitations = known.invitations(first.log);
  if (invitations.length === 0) return { ok: false, reason: 'unknown-invitation' };
  const message = joinBytes(known.realm, first.log, key);
  for (const invitation of invitations) {
    if (await crypto.verify(invitation, message, proof)) return ok(key);
  }
  // Whoever guesses a reserved log id still lacks the one-time key.
  return { ok: false, reason: 'bad-join', detail: 'not signed by the invitation' };
}

/** Records at the end of a run whose signatures are tried one by one; before them few are. */
const SINGLY = 64;

// The newest signature that verifies covers all before it. Records after it are as good as unsigned. Trying each would let
// one frame of forged records cost a check for each, and trying none beyond some would let them take a signed history
// along: so strides grow until one verifies, and are halved to where the forged ones begin.
async function coveredLength(
  records: readonly SealedRecord[],
  key: PublicKey,
  crypto: Crypto,
): Promise<number> {
  const isSigned = async (length: number): Promise<boolean> => {
    const last = records[length - 1];
    return last !== undefined && crypto.verify(key, signedBytes(last), last.signature);
  };
  const least = Math.max(0, records.length - SINGLY);
  for (let length = records.length; length > least; length--) if (await isSigned(length)) return length;
  let covered = least;
  let open = least + 1;
  for (let stride = SINGLY; covered > 0 && !(await isSigned(covered)); stride *= 2) {
    open = covered;
    covered = Math.max(0, covered - stride);
  }
  while (open - covered > 1) {
    const between = Math.floor((covered + open) / 2);
    if (await isSigned(between)) covered = between;
    else open = between;
  }
  return covered;
}

// `head` is the record whose own signature has verified for all of them.
async function promote(
  records: readonly SealedRecord[],
  head: SealedRecord | undefined,
  key: PublicKey,
  known: Known,
  crypto: Crypto,
): Promise<{ readonly taken: readonly VerifiedRecord[]; readonly refused: RunVerdict['refused'] }> {
  const { realm } = known;
  const parts = new Map<number, Uint8Array>();
  // A bulk is mostly records that carry no evidence: those do not wait, and cost no promise.
  const taken = await Promise.all(records.map(promoteOne));
  const stop = taken.indexOf(null);
  const good = (stop < 0 ? taken : taken.slice(0, stop)) as VerifiedRecord[];
  const seq = records[stop]?.seq ?? 0;
  return { taken: good, refused: stop < 0 ? null : { seq, reason: 'unknown-signer' } };

  function promoteOne(record: SealedRecord): VerifiedRecord | Promise<VerifiedRecord | null> {
    const { log, seq, hash, bytes } = record;
    const decoded = decodeBody(record, (places) => partAt(seq - places));
    if (!decoded.ok)
      return { realm, log, seq, hash, bytes, key, type: 'inert', named: record.type } as InertRecord;
    const { type, body } = decoded.value;
    if (type === 'part') parts.set(seq, body.data);
    if (EVIDENCE.has(type)) return promoteEvidence(record, decoded.value);
    // Spelled out: spreading costs a bulk a tenth of its time.
    const bare = {
      realm,
      log,
      seq,
      hash,
      bytes,
      key,
      type,
      body,
      proven: false,
      carried: NONE,
      signers: NONE,
      grants: NONE,
      token: null,
    };
    const codes = type === 'draft' ? codesIn(body.update) : NONE;
    if (codes.length > 0) return promoteGrants(bare, codes);
    return bare as unknown as VerifiedRecord;
  }

  async function promoteGrants(content: object, codes: readonly string[]): Promise<VerifiedRecord> {
    // Here, since compiling is for rooms without crypto: what a state holds of grants has been verified.
    return { ...content, grants: await signedGrants(codes, crypto) } as unknown as VerifiedRecord;
  }

  async function promoteEvidence(record: SealedRecord, decoded: DecodedBody): Promise<VerifiedRecord | null> {
    // Evidence stands on its own signature: a chain that covers it does not say that it was meant alone.
    const proven = record === head || (await crypto.verify(key, signedBytes(record), record.signature));
    return asEvidence(record, decoded, { key, proven }, known, crypto);
  }

  function partAt(seq: number): Uint8Array | undefined {
    const first = records[0]?.log;
    const held = first === undefined ? undefined : known.at(first, seq);
    return parts.get(seq) ?? held?.part ?? undefined;
  }
}

// Two histories convict their author only if each record was signed for itself.
async function forkVerdict(
  record: SealedRecord,
  held: HeldRecord,
  key: PublicKey,
  known: Known,
  crypto: Crypto,
): Promise<RunVerdict> {
  const both = await Promise.all([
    verifyAlone(held.bytes, known.realm, () => key, crypto),
    verifyAlone(record.bytes, known.realm, () => key, crypto),
  ]);
  const [a, b] = both;
  if (a?.ok && b?.ok) return { ...verdict([], null), fork: { a: a.value, b: b.value } };
  return verdict([], { seq: record.seq, reason: 'broken-chain', detail: 'differs from the record held' });
}
