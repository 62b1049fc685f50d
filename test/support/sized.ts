import assert from 'node:assert/strict';
import type { LogId } from '../../core/units.ts';
import { decodeBody } from '../../core/verify/body.ts';
import { encodeAppend, type Run } from '../../core/wire/append.ts';
import { MAX_RECORD_BYTES } from '../../core/wire/bounds.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../core/wire/cbor.ts';
import { decodeRecord, NO_HASH, prepareRecord, type SealedRecord } from '../../core/wire/record.ts';
import { decodeMessage, encodeMessage, TAGS, uint32 } from '../../core/wire/roughtime-message.ts';
import { decodeGossip, decodeResponse, encodeResponse } from '../../core/wire/roughtime-response.ts';
import { putVaruint, varuintSize } from '../../core/wire/varint.ts';
import { encodeBody } from './realm.ts';
import { hexVector } from './roughtime.ts';
import { log } from './yjs-logs.ts';

/** Whether something was accepted, or why not. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** An update of exactly so many bytes. */
export function updateOf(bytes: number): Uint8Array {
  const full = Math.floor(bytes / (MAX_RECORD_BYTES + 6)) - 1;
  const records = new Array<Uint8Array>(full).fill(new Uint8Array(MAX_RECORD_BYTES));
  const run = (more: readonly Uint8Array[]): Run[] => [
    { log: log(7), from: 0, records: [...records, ...more] },
  ];
  let rest = bytes - encodeAppend(run([])).length;
  const last: Uint8Array[] = [];
  while (rest > 0) {
    const size = Math.min(rest - 3 - varuintSize(rest), MAX_RECORD_BYTES - 100);
    last.push(new Uint8Array(size));
    rest -= 3 + varuintSize(size) + size;
  }
  const update = encodeAppend(run(last));
  assert.equal(update.length, bytes);
  return update;
}

/** So many logs with an empty record each. */
export function manyLogs(count: number): Run[] {
  const records = [new Uint8Array(0)];
  return Array.from({ length: count }, (_, i) => ({ log: log(i + 1), from: 0, records }));
}

/** A state vector of so many logs. */
export function stateVectorOf(count: number): Uint8Array {
  const out = new Uint8Array(8 + 6 * count);
  let at = putVaruint(out, 0, count);
  for (let i = 1; i <= count; i++) at = putVaruint(out, putVaruint(out, at, i), 1);
  return out.subarray(0, at);
}

/** The heads of so many logs. */
export function headsOf(count: number): Map<LogId, number> {
  return new Map(Array.from({ length: count }, (_, i) => [log(i + 1), 1]));
}

/** A revocation in so many parts. */
export function inParts(count: number): Verdict {
  const whole = encodeCbor(encodeBody('revoke', { logs: new Map(), reason: 'r'.repeat(600) }));
  const piece = (places: number) =>
    whole.subarray(2 * (count - places), places === 1 ? undefined : 2 * (count - places + 1));
  const record = { type: 'revoke', enc: false, body: new Map([['parts', count]]) } as unknown as SealedRecord;
  return decodeBody(record, piece);
}

/** Lists inside each other. */
export function nested(levels: number): CborValue {
  return levels === 1 ? [] : [nested(levels - 1)];
}

/** A record of exactly so many bytes. */
export function recordOf(
  bytes: number,
  more: { readonly seq?: number; readonly type?: string } = {},
): Verdict {
  const sized = (size: number) => {
    const fields = {
      realm: NO_HASH,
      log: log(7),
      seq: 1,
      prev: 'ab'.repeat(32) as typeof NO_HASH,
      type: 'x',
      ...more,
    };
    return prepareRecord({ ...fields, body: new Map([['data', new Uint8Array(size)]]) }).seal(
      new Uint8Array(64),
    );
  };
  const record = sized(10_000 + bytes - sized(10_000).length);
  assert.equal(record.length, bytes);
  return decodeRecord(record);
}

/** A body with a field that is not looked at, which fills it up to exactly so many bytes. */
export function padded(body: Uint8Array, bytes: number): Uint8Array {
  const read = decodeCbor(body);
  if (!read.ok || !(read.value instanceof Map)) throw new Error('expected a map');
  const sized = (size: number) =>
    encodeCbor(new Map([...(read.value as Map<string, CborValue>), ['zz', new Uint8Array(size)]]));
  for (let size = Math.max(0, bytes - body.length - 12); ; size++) {
    const out = sized(size);
    if (out.length === bytes) return out;
    if (out.length > bytes) throw new Error(`expected to fill up to ${bytes} bytes`);
  }
}

/** A Roughtime message of so many empty tags. */
export function tagsOf(count: number): Verdict {
  return decodeMessage(
    uint32(count, ...new Array<number>(count - 1).fill(0), ...Array.from({ length: count }, (_, i) => i)),
  );
}

/** A gossip token of exactly so many bytes: signed time with a tag that nobody reads. */
export function gossipOf(bytes: number): Verdict {
  const whole = decodeResponse(hexVector('roughenough-golden-response.phase8'));
  if (!whole.ok) throw new Error(whole.reason);
  const { cert, signature, srep } = whole.value;
  const read = decodeMessage(srep);
  if (!read.ok) throw new Error(read.reason);
  const names = ['VER', 'RADI', 'MIDP', 'VERS', 'ROOT'] as const;
  const values = Object.fromEntries(names.map((name) => [name, read.value.get(TAGS[name])]));
  const sized = (size: number) =>
    encodeMessage({
      SIG: signature,
      SREP: encodeMessage({ ...values, ZZZZ: new Uint8Array(size) }),
      CERT: cert,
    });
  const out = sized(bytes - sized(0).length);
  assert.equal(out.length, bytes);
  return decodeGossip(out);
}

/** A response whose path has so many nodes. */
export function pathOf(nodes: number): Verdict {
  const whole = decodeResponse(hexVector('roughenough-golden-response.phase8'));
  if (!whole.ok) throw new Error(whole.reason);
  return decodeResponse(encodeResponse({ ...whole.value, path: new Uint8Array(32 * nodes) }));
}
