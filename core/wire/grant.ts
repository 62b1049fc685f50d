import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, type PublicKey, type Seconds, seconds, toHex } from '../units.ts';
import {
  MAX_GRANT_BYTES,
  MAX_GRANT_FEATURES,
  MAX_GRANT_NOTE,
  MAX_GRANT_SEATS,
  MAX_GRANT_TEXT,
} from './bounds.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { decodeGroups, encodeGroups, type GroupsReason } from './typed-groups.ts';

/** What a vendor grants (DESIGN: seats, vendor grants). */
export interface Grant {
  /** The vendor's own name of it; nothing counts twice under one. */
  readonly id: string;
  /** Id of the software. */
  readonly product: string;
  /** Seats by feature. */
  readonly features: ReadonlyMap<string, number>;
  readonly from: Seconds;
  /** The first instant after it. */
  readonly until: Seconds;
  /** The one realm that it is for; null for any. */
  readonly realm: Hash | null;
  /** Seats beyond those that may be lent for a while, by feature. */
  readonly overdraft: ReadonlyMap<string, number>;
  /** The id of the grant in whose place this one stands. */
  readonly supersedes: string | null;
  readonly note: string;
}

/** A grant as read from its code: its form is right, nothing of it is believed yet. */
export interface SealedGrant extends Grant {
  /** The key that is said to have signed it. */
  readonly key: PublicKey;
  /** The code in its canonical form. */
  readonly code: string;
  /** What the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Why a text is no licence code. */
export type GrantReason = GroupsReason | 'grant-form';

/** The group with which each licence code begins: the format and its version. */
export const GRANT_PREFIX = 'GRANT1';

const EXTERNAL_DATA = new TextEncoder().encode('leasehold/grant/1');
// Ed25519, fully specified (RFC 9864).
const ED25519 = -19;
const COSE_SIGN1_TAG = 0xd2;
const SIGNATURE_BYTES = 64;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** The end of the year 9999. */
const MAX_INSTANT = 253_402_300_800;

const HEADER = { algorithm: 1, keyId: 4 } as const;
/** Small numbers in place of names: a code is typed. */
const FIELD = {
  id: 1,
  product: 2,
  features: 3,
  from: 4,
  until: 5,
  realm: 6,
  overdraft: 7,
  supersedes: 8,
  note: 9,
} as const;
const FIELDS: ReadonlySet<CborValue> = new Set(Object.values(FIELD));

/**
 * The bytes to sign for a grant (COSE_Sign1, RFC 9052, with the whole key as key id) and what makes the code of them.
 * Refuses what `decodeGrant` would.
 */
export function prepareGrant(
  grant: Grant,
  key: PublicKey,
): Result<{ readonly signed: Uint8Array; seal(signature: Uint8Array): string }, 'grant-form' | 'too-large'> {
  const header = encodeCbor(
    new Map<number, CborValue>([
      [HEADER.algorithm, ED25519],
      [HEADER.keyId, fromHex(key)],
    ]),
  );
  const payload = encodeCbor(toFields(grant));
  const form = readPayload(payload);
  if (!form.ok) return form;
  const sealed = (signature: Uint8Array) => {
    const items = encodeCbor([header, new Map<string, CborValue>(), payload, signature]);
    return Uint8Array.of(COSE_SIGN1_TAG, ...items);
  };
  const { length } = sealed(new Uint8Array(SIGNATURE_BYTES));
  if (length > MAX_GRANT_BYTES) return no('too-large', `${length} bytes, at most ${MAX_GRANT_BYTES}`);
  return ok({
    signed: signedBytes(header, payload),
    seal: (signature) => encodeGroups(GRANT_PREFIX, sealed(signature)),
  });
}

/** Reads a licence code, as pasted, typed or scanned. Total; whatever is not the one encoding of a grant is refused. */
export function decodeGrant(text: string): Result<SealedGrant, GrantReason> {
  const read = decodeGroups(GRANT_PREFIX, text);
  if (!read.ok) return read;
  const { bytes, text: code } = read.value;
  if (bytes[0] !== COSE_SIGN1_TAG) return no('grant-form', 'expected a tagged COSE_Sign1');
  const envelope = decodeCbor(bytes.subarray(1));
  if (!envelope.ok) return no('grant-form', envelope.reason);
  if (!Array.isArray(envelope.value) || envelope.value.length !== 4)
    return no('grant-form', 'expected four items');
  const [header, unprotected, payload, signature] = envelope.value as CborValue[];
  if (!(header instanceof Uint8Array) || !(payload instanceof Uint8Array)) return no('grant-form', 'header');
  if (!(unprotected instanceof Map) || unprotected.size > 0) return no('grant-form', 'unprotected header');
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    return no('grant-form', 'signature');
  }
  const key = readHeader(header);
  if (!key.ok) return key;
  const grant = readPayload(payload);
  if (!grant.ok) return grant;
  return ok({ ...grant.value, key: key.value, code, signed: signedBytes(header, payload), signature });
}

/**
 * The licence codes that a text seems to hold, each as it stands there: one follows another where a line or a word begins
 * as a code does. Lines that begin with # are left out.
 */
export function codeTexts(text: string): Result<readonly string[], 'too-large'> {
  if (text.length > MAX_GRANT_TEXT) {
    return no('too-large', `expected at most ${MAX_GRANT_TEXT} characters, came ${text.length}`);
  }
  const said = text.replaceAll(/^\s*#.*$/gm, '');
  return ok(said.split(/(?<=^|\s)(?=GRANT[0-9IL])/i).filter((piece) => piece.trim() !== ''));
}

function signedBytes(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', header, EXTERNAL_DATA, payload]);
}

function toFields(grant: Grant): ReadonlyMap<number, CborValue> {
  const { features, from, id, note, overdraft, product, realm, supersedes, until } = grant;
  return new Map<number, CborValue>([
    [FIELD.id, id],
    [FIELD.product, product],
    [FIELD.features, features],
    [FIELD.from, from],
    [FIELD.until, until],
    ...(realm === null ? [] : [[FIELD.realm, fromHex(realm)] as const]),
    ...(overdraft.size === 0 ? [] : [[FIELD.overdraft, overdraft] as const]),
    ...(supersedes === null ? [] : [[FIELD.supersedes, supersedes] as const]),
    ...(note === '' ? [] : [[FIELD.note, note] as const]),
  ]);
}

function readHeader(bytes: Uint8Array): Result<PublicKey, 'grant-form'> {
  const header = decodeCbor(bytes);
  if (!header.ok || !(header.value instanceof Map) || header.value.size !== 2) {
    return no('grant-form', 'protected header');
  }
  if (header.value.get(HEADER.algorithm) !== ED25519) return no('grant-form', 'expected Ed25519 (-19)');
  const key = header.value.get(HEADER.keyId);
  if (!(key instanceof Uint8Array) || key.length !== 32) return no('grant-form', 'key');
  return ok(toHex(key) as PublicKey);
}

function readPayload(bytes: Uint8Array): Result<Grant, 'grant-form'> {
  const payload = decodeCbor(bytes);
  if (!payload.ok || !(payload.value instanceof Map)) return no('grant-form', 'payload');
  const map = payload.value as ReadonlyMap<CborValue, CborValue>;
  // A field that this version does not know may take away what the rest grants.
  if ([...map.keys()].some((field) => !FIELDS.has(field)))
    return no('grant-form', 'a field of a later version');
  const [id, product, supersedes] = [FIELD.id, FIELD.product, FIELD.supersedes].map((field) =>
    map.get(field),
  );
  if (!isId(id)) return no('grant-form', `id: expected ${ID.source}`);
  if (!isId(product)) return no('grant-form', `product: expected ${ID.source}`);
  if (supersedes !== undefined && !isId(supersedes)) return no('grant-form', 'supersedes: expected an id');
  // The attack: a grant in whose place it stands itself would count for one host and not for another.
  if (supersedes === id) return no('grant-form', 'supersedes itself');
  const features = readSeats(map.get(FIELD.features));
  if (features === null) return no('grant-form', 'features: expected seats by id, 1 or more of each');
  const overdraft = map.has(FIELD.overdraft)
    ? readSeats(map.get(FIELD.overdraft))
    : new Map<string, number>();
  if (overdraft === null || [...overdraft.keys()].some((feature) => !features.has(feature))) {
    return no('grant-form', 'overdraft: expected seats by id, of features that are granted');
  }
  const [from, until] = [map.get(FIELD.from), map.get(FIELD.until)];
  if (!isInstant(from) || !isInstant(until) || until <= from) {
    return no('grant-form', 'expected a beginning, and an end after it');
  }
  const realm = map.get(FIELD.realm);
  if (realm !== undefined && !(realm instanceof Uint8Array && realm.length === 32)) {
    return no('grant-form', 'realm: expected 32 bytes');
  }
  const note = map.get(FIELD.note);
  if (
    note !== undefined &&
    !(typeof note === 'string' && note.length >= 1 && note.length <= MAX_GRANT_NOTE)
  ) {
    return no('grant-form', `note: expected 1 to ${MAX_GRANT_NOTE} characters`);
  }
  return ok({
    ...{ id, product, features, overdraft },
    ...{ from: seconds(from), until: seconds(until) },
    realm: realm === undefined ? null : (toHex(realm) as Hash),
    supersedes: supersedes ?? null,
    note: note ?? '',
  });
}

function isId(value: CborValue | undefined): value is string {
  return typeof value === 'string' && ID.test(value);
}

function isInstant(value: CborValue | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_INSTANT;
}

function readSeats(value: CborValue | undefined): ReadonlyMap<string, number> | null {
  if (!(value instanceof Map) || value.size === 0 || value.size > MAX_GRANT_FEATURES) return null;
  for (const [feature, seats] of value as ReadonlyMap<CborValue, CborValue>) {
    if (!isId(feature)) return null;
    if (typeof seats !== 'number' || seats < 1 || seats > MAX_GRANT_SEATS) return null;
  }
  return value as ReadonlyMap<string, number>;
}
