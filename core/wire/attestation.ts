import { fromBase64, toBase64 } from 'lib0/buffer';
import { no, ok, type Result } from '../result.ts';
import { type Hash, isHash, type PublicKey } from '../units.ts';
import { MAX_TEXT, MAX_TIME_BYTES, MAX_TIMES } from './bounds.ts';
import { encodeCbor } from './cbor.ts';
import type { ConfigurationHead } from './roughtime-response.ts';

/** What a host says of the present to somebody whom no relay reaches: the newest signed times, under its own signature. */
interface Statement {
  readonly realm: Hash;
  /** The host that made it, by its id and its key. */
  readonly host: string;
  readonly key: PublicKey;
  /** For whom or what it was made, in the words of whoever asked for it. */
  readonly audience: string | null;
  /** In gossip form, the newest first. */
  readonly times: readonly Uint8Array[];
  /** The newest certified version that the host had: whoever has an earlier one is behind. Null where it had none, and in files of before. */
  readonly head: ConfigurationHead | null;
}

/** A statement with the signature of its host. */
export interface Attestation extends Statement {
  readonly signature: Uint8Array;
}

/** Why a text is not an attestation. */
type AttestationReason = 'not-json' | 'attestation-form';

const KIND = 'leasehold/time-attestation/1';

/** The bytes that a host signs. */
export function statementBytes({ realm, host, key, audience, times, head }: Statement): Uint8Array {
  const stated = head === null ? [] : [[head.generation, head.version, head.digest]];
  return encodeCbor([KIND, realm, host, key, audience, [...times], ...stated]);
}

/** An attestation as a file. */
export function encodeAttestation(made: Attestation): string {
  const { realm, host, key, audience, times, head, signature } = made;
  const stated = head === null ? {} : { configuration: head };
  const file = { kind: KIND, realm, host, key, for: audience, ...stated, times: times.map(toBase64) };
  return `${JSON.stringify({ ...file, signature: toBase64(signature) }, null, 2)}\n`;
}

/** Whether a file says that it is an attestation. */
export function isAttestation(text: string): boolean {
  return text.slice(0, 200).includes(KIND);
}

/** Reads an attestation; nothing of it is checked. Total. */
export function decodeAttestation(text: string): Result<Attestation, AttestationReason> {
  let file: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return no('attestation-form');
    file = value as Record<string, unknown>;
  } catch {
    return no('not-json');
  }
  const { realm, host, key, for: audience = null } = file;
  const times = Array.isArray(file.times) ? file.times.map((time) => bytesOf(time)) : [];
  const signature = bytesOf(file.signature);
  if (file.kind !== KIND || !isHash(realm) || !isHash(key) || !isText(host)) return no('attestation-form');
  if (audience !== null && !isText(audience)) return no('attestation-form');
  if (times.length === 0 || times.length > MAX_TIMES || signature?.length !== 64)
    return no('attestation-form');
  const whole = times.filter((time) => time !== null);
  if (whole.length < times.length) return no('attestation-form');
  const head = file.configuration === undefined ? null : headOf(file.configuration);
  if (head === undefined) return no('attestation-form');
  return ok({ realm, host, key: key as string as PublicKey, audience, times: whole, head, signature });
}

function headOf(value: unknown): ConfigurationHead | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { generation, version, digest } = value as Record<string, unknown>;
  return isCount(generation) && isCount(version) && isHash(digest)
    ? { generation, version, digest }
    : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

function bytesOf(value: unknown): Uint8Array | null {
  if (!isText(value) || !/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0) return null;
  const bytes = fromBase64(value);
  return bytes.length <= MAX_TIME_BYTES ? bytes : null;
}
