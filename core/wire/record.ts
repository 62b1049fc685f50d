import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, isLogId, type LogId, toHex } from '../units.ts';
import { MAX_RECORD_BYTES } from './bounds.ts';
import { type CborReason, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { hashOf } from './hash.ts';

/** A record's place and content, before it is signed. */
interface RecordFields {
  /** The realm's id; NO_HASH in a genesis, whose own hash becomes that id. */
  readonly realm: Hash;
  readonly log: LogId;
  readonly seq: number;
  /** Hash of the log's previous record; NO_HASH at seq 0. */
  readonly prev: Hash;
  readonly type: string;
  readonly body: CborValue;
}

/** A record as received: its form is right, nothing of it is believed yet. */
export interface SealedRecord extends RecordFields {
  /** The bytes as received; hashing and verifying use these, never a re-encoding. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly hash: Hash;
  /** The protected header and the payload as received: what the signature covers. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** True when `body` is sealed to the realm's members and stands as bytes. */
  readonly enc: boolean;
}

/** Why bytes are not a record. */
export type RecordReason =
  | CborReason
  | 'record-too-large'
  | 'record-form'
  | 'record-algorithm'
  | 'record-log';

/** Thirty-two zero bytes: the `prev` of a first record and the realm of a genesis. */
export const NO_HASH = '0'.repeat(64) as Hash;

const HEADER_ALGORITHM = 1;
const HEADER_KEY_ID = 4;
// Ed25519, fully specified (RFC 9864).
const ED25519 = -19;
const SIGNATURE_BYTES = 64;
const COSE_SIGN1_TAG = 0xd2;
const EXTERNAL_DATA = new TextEncoder().encode('leasehold/1');
const MAX_SEQ = 0xffff_ffff;
const MAX_TYPE_CHARS = 32;

/** The bytes to sign for a record (COSE_Sign1, RFC 9052) and the function that seals them with the signature. */
export function prepareRecord(fields: RecordFields): {
  readonly signed: Uint8Array;
  seal(signature: Uint8Array): Uint8Array;
} {
  const header = encodeCbor(
    new Map<number, CborValue>([
      [HEADER_ALGORITHM, ED25519],
      [HEADER_KEY_ID, keyId(fields.log)],
    ]),
  );
  const payload = encodeCbor(
    new Map<string, CborValue>([
      ['realm', fromHex(fields.realm)],
      ['log', fields.log],
      ['seq', fields.seq],
      ['prev', fromHex(fields.prev)],
      ['type', fields.type],
      ['body', fields.body],
    ]),
  );
  return {
    signed: signedBytes({ header, payload }),
    seal: (signature) => {
      const items = encodeCbor([header, new Map<string, CborValue>(), payload, signature]);
      const bytes = new Uint8Array(items.length + 1);
      bytes[0] = COSE_SIGN1_TAG;
      bytes.set(items, 1);
      return bytes;
    },
  };
}

/** The COSE Sig_structure that a record's signature covers (RFC 9052, 4.4). Most records of a bulk are never asked for theirs. */
export function signedBytes({ header, payload }: Pick<SealedRecord, 'header' | 'payload'>): Uint8Array {
  return encodeCbor(['Signature1', header, EXTERNAL_DATA, payload]);
}

/** Decodes one record. Total; whatever is not the one encoding of a record is refused. */
export function decodeRecord(bytes: Uint8Array): Result<SealedRecord, RecordReason> {
  if (bytes.length > MAX_RECORD_BYTES) {
    return no('record-too-large', `${bytes.length} bytes, at most ${MAX_RECORD_BYTES}`);
  }
  if (bytes[0] !== COSE_SIGN1_TAG) return no('record-form', 'expected a tagged COSE_Sign1');
  const envelope = decodeCbor(bytes.subarray(1));
  if (!envelope.ok) return envelope;
  if (!Array.isArray(envelope.value) || envelope.value.length !== 4) {
    return no('record-form', 'expected four items');
  }
  const [header, unprotected, payload, signature] = envelope.value as CborValue[];
  if (!(header instanceof Uint8Array) || !(payload instanceof Uint8Array)) return no('record-form', 'header');
  if (!(unprotected instanceof Map) || unprotected.size > 0) return no('record-form', 'unprotected header');
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    return no('record-form', 'signature');
  }
  const kid = decodeHeader(header);
  if (!kid.ok) return kid;
  const fields = decodePayload(payload);
  if (!fields.ok) return fields;
  // A key id of another log would let a verifier pick the wrong key.
  if (fields.value.log !== kid.value) {
    return no('record-log', `key id ${kid.value}, payload ${fields.value.log}`);
  }
  const { realm, log, seq, prev, type, body, enc } = fields.value;
  const hash = hashOf(bytes);
  return ok({ realm, log, seq, prev, type, body, enc, bytes, hash, header, payload, signature });
}

function decodeHeader(bytes: Uint8Array): Result<number, RecordReason> {
  const header = decodeCbor(bytes);
  if (!header.ok) return header;
  if (!(header.value instanceof Map) || header.value.size !== 2) return no('record-form', 'protected header');
  if (header.value.get(HEADER_ALGORITHM) !== ED25519) return no('record-algorithm', 'expected Ed25519 (-19)');
  const kid = header.value.get(HEADER_KEY_ID);
  if (!(kid instanceof Uint8Array) || kid.length !== 4) return no('record-form', 'key id');
  return ok(new DataView(kid.buffer, kid.byteOffset, 4).getUint32(0));
}

function decodePayload(bytes: Uint8Array): Result<RecordFields & Pick<SealedRecord, 'enc'>, RecordReason> {
  const payload = decodeCbor(bytes);
  if (!payload.ok) return payload;
  const map = payload.value;
  if (!(map instanceof Map)) return no('record-form', 'payload');
  const realm = map.get('realm');
  const log = map.get('log');
  const seq = map.get('seq');
  const prev = map.get('prev');
  const type = map.get('type');
  const body = map.get('body');
  const enc = map.get('enc');
  if (map.size !== (enc === undefined ? 6 : 7)) return no('record-form', 'payload fields');
  if (!isDigest(realm) || !isDigest(prev)) return no('record-form', 'realm or prev');
  if (!isLogId(log)) return no('record-form', 'log');
  if (typeof seq !== 'number' || seq < 0 || seq > MAX_SEQ) return no('record-form', 'seq');
  if (typeof type !== 'string' || type.length === 0 || type.length > MAX_TYPE_CHARS) {
    return no('record-form', 'type');
  }
  if (enc === undefined ? !(body instanceof Map) : !(body instanceof Uint8Array)) {
    return no('record-form', 'body');
  }
  const prevHex = toHex(prev) as Hash;
  if ((seq === 0) !== (prevHex === NO_HASH)) return no('record-form', 'prev of a first record');
  return ok({
    realm: toHex(realm) as Hash,
    log,
    seq,
    prev: prevHex,
    type,
    body: body as CborValue,
    enc: enc !== undefined,
  });
}

function isDigest(value: CborValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

function keyId(log: LogId): Uint8Array {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, log);
  return id;
}
