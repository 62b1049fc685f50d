import type { Crypto } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { fromHex, type Hash, type LogId, type PublicKey } from '../units.ts';
import type { Body } from '../wire/bodies.ts';
import { encodeCbor } from '../wire/cbor.ts';
import { decodeRecord, NO_HASH, type SealedRecord, signedBytes } from '../wire/record.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { type DecodedBody, decodeBody } from './body.ts';
import type { Known, VerifyReason } from './known.ts';
import type { VerifiedRecord } from './record.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from './time.ts';

/** Verifies one record on its own signature, outside of any log: an ack in a certificate, half of a fork proof. */
export async function verifyAlone(
  bytes: Uint8Array,
  realm: Hash,
  keyOf: (log: LogId) => PublicKey | undefined,
  crypto: Crypto,
): Promise<Result<VerifiedRecord, VerifyReason>> {
  const record = decodeRecord(bytes);
  if (!record.ok) return record;
  const { log, seq, hash, signature } = record.value;
  if ((record.value.realm === NO_HASH ? hash : record.value.realm) !== realm) return no('wrong-realm');
  const key = keyOf(log);
  if (key === undefined) return no('unknown-signer', `log ${log}`);
  if (!(await crypto.verify(key, signedBytes(record.value), signature))) return no('bad-signature');
  const place = { realm, log, seq, hash, bytes, key };
  const body = decodeBody(record.value, () => undefined);
  const content = body.ok
    ? {
        ...body.value,
        ...{ proven: true, carried: [], signers: [], grants: [] },
        token: await verifySetUp(body.value, crypto),
      }
    : { type: 'inert', named: record.value.type };
  return ok({ ...place, ...content } as unknown as VerifiedRecord);
}

/** The verified records inside a record that carries evidence; those that do not verify are left out. Null when a signer is not known yet. */
async function verifyCarried(
  decoded: DecodedBody,
  known: Known,
  crypto: Crypto,
): Promise<readonly VerifiedRecord[] | null> {
  const carried: VerifiedRecord[] = [];
  for (const bytes of carriedBytes(decoded)) {
    const record = await verifyAlone(bytes, known.realm, (log) => known.tip(log)?.key, crypto);
    if (record.ok) carried.push(record.value);
    else if (record.reason === 'unknown-signer') return null;
  }
  return carried;
}

/** The record as evidence with what it carries; null when a signer of that is not known yet. `proven` says whether its own signature verified. */
export async function asEvidence(
  record: SealedRecord,
  decoded: DecodedBody,
  { key, proven }: { readonly key: PublicKey; readonly proven: boolean },
  known: Known,
  crypto: Crypto,
): Promise<VerifiedRecord | null> {
  const { log, seq, hash, bytes } = record;
  const carried = proven ? await verifyCarried(decoded, known, crypto) : [];
  if (carried === null) return null;
  const signers = await verifyRecoverySigners(decoded, known.realm, crypto);
  const place = { realm: known.realm, log, seq, hash, bytes, key };
  const token = await verifySetUp(decoded, crypto);
  return { ...place, ...decoded, proven, carried, signers, grants: [], token } as unknown as VerifiedRecord;
}

// Whose time is believed is for the configuration to say; here only that the relay that is named has signed it.
async function verifySetUp(decoded: DecodedBody, crypto: Crypto): Promise<TimeToken | null> {
  if (decoded.type !== 'setup') return null;
  const { relay: key, token } = decoded.body;
  const trust = { key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  const verdict = await verifyGossip(crypto, token, trust);
  return verdict.ok ? verdict.value : null;
}

function carriedBytes(decoded: DecodedBody): readonly Uint8Array[] {
  switch (decoded.type) {
    case 'candidate':
      return decoded.body.skips.flatMap((skip) => skip.acks);
    case 'fork-proof':
      return [decoded.body.a, decoded.body.b];
    default:
      return [];
  }
}

/** What recovery keys sign: everything that a `recover` record changes (rule R9). */
export function recoverBytes(realm: Hash, body: Omit<Body<'recover'>, 'signatures'>): Uint8Array {
  const { generation, version, parent, roster, reason } = body;
  return encodeCbor([
    'leasehold/recover/1',
    fromHex(realm),
    generation,
    version,
    fromHex(parent),
    roster,
    reason,
  ]);
}

/** The distinct keys whose signatures inside a `recover` record verify. */
export async function verifyRecoverySigners(
  decoded: DecodedBody,
  realm: Hash,
  crypto: Crypto,
): Promise<readonly PublicKey[]> {
  if (decoded.type !== 'recover') return [];
  const message = recoverBytes(realm, decoded.body);
  const signers = new Set<PublicKey>();
  for (const { key, signature } of decoded.body.signatures) {
    if (await crypto.verify(key, message, signature)) signers.add(key);
  }
  return [...signers];
}
