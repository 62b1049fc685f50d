import type { NewRecord } from '../engine/effect.ts';
import type { Crypto, Signer } from '../ports.ts';
import type { Hash, LogId } from '../units.ts';
import type { Known } from '../verify/known.ts';
import type { VerifiedRecord } from '../verify/record.ts';
import { verifyRun } from '../verify/run.ts';
import { BODIES } from '../wire/bodies.ts';
import { MAX_RECORD_BYTES } from '../wire/bounds.ts';
import { type CborValue, encodeCbor } from '../wire/cbor.ts';
import { hashOf } from '../wire/hash.ts';
import { NO_HASH, prepareRecord } from '../wire/record.ts';
import type { Shape } from '../wire/shape.ts';

/** Bytes of a record beside its body, generously. */
const ENVELOPE_BYTES = 512;
const PART_BYTES = MAX_RECORD_BYTES - ENVELOPE_BYTES;

/** A record's place: the end of its log. */
interface LogEnd {
  readonly realm: Hash;
  readonly log: LogId;
  readonly seq: number;
  readonly prev: Hash;
}

/** Signs one new record at the end of a log: its sealed bytes, preceded by `part` records where it is too big for one. */
async function sealRecord(end: LogEnd, record: NewRecord, signer: Signer): Promise<readonly Uint8Array[]> {
  const body = (BODIES[record.type] as Shape<NewRecord['body']>).encode(record.body);
  const encoded = encodeCbor(body);
  const sealed: Uint8Array[] = [];
  let at = end;
  const put = async (type: string, value: CborValue): Promise<void> => {
    const prepared = prepareRecord({ ...at, type, body: value });
    const bytes = prepared.seal(await signer.sign(prepared.signed));
    sealed.push(bytes);
    at = { ...at, seq: at.seq + 1, prev: hashOf(bytes) };
  };
  if (encoded.length <= PART_BYTES) {
    await put(record.type, body);
    return sealed;
  }
  const parts = Math.ceil(encoded.length / PART_BYTES);
  for (let i = 0; i < parts; i++) {
    const data = encoded.subarray(i * PART_BYTES, (i + 1) * PART_BYTES);
    await put('part', new Map([['data', data]]));
  }
  await put(record.type, new Map([['parts', parts]]));
  return sealed;
}

/** Signs new records at the end of a host's own log and verifies them as anybody else would. */
export async function sealRecords(
  records: readonly NewRecord[],
  log: LogId,
  known: Known,
  ports: { readonly crypto: Crypto; readonly signer: Signer },
): Promise<readonly (readonly VerifiedRecord[])[]> {
  const tip = known.tip(log);
  const from = tip === undefined ? 0 : tip.seq + 1;
  let end: LogEnd = { realm: known.realm, log, seq: from, prev: tip?.hash ?? NO_HASH };
  const groups: (readonly Uint8Array[])[] = [];
  for (const record of records) {
    const sealed = await sealRecord(end, record, ports.signer);
    groups.push(sealed);
    const last = sealed.at(-1);
    if (last !== undefined) end = { ...end, seq: end.seq + sealed.length, prev: hashOf(last) };
  }
  const run = { log, from, records: groups.flat() };
  const verdict = await verifyRun(run, known, ports.crypto);
  if (verdict.refused !== null || verdict.taken.length !== run.records.length) {
    throw new Error(`own record does not verify: ${verdict.refused?.reason} at ${verdict.refused?.seq}`);
  }
  let next = 0;
  return groups.map((sealed) => {
    next += sealed.length;
    return verdict.taken.slice(next - sealed.length, next);
  });
}
