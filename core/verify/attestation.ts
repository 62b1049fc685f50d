import type { Crypto } from '../ports.ts';
import type { Hash, PublicKey } from '../units.ts';
import { type Attestation, statementBytes } from '../wire/attestation.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from './time.ts';

/** What a verifier knows of the realm. */
interface KnownRealm {
  readonly realm: Hash;
  readonly relays: readonly PublicKey[];
  /** The keys of each host. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** One thing that was checked of an attestation. */
interface AttestationCheck {
  readonly check: 'realm' | 'host' | 'signature' | 'time';
  readonly ok: boolean;
  readonly detail: string;
}

/** What an attestation is worth; its times prove themselves, whoever passed them on. */
interface AttestationVerdict {
  readonly checks: readonly AttestationCheck[];
  readonly times: readonly TimeToken[];
}

/** Checks an attestation against what is known of the realm. */
export async function verifyAttestation(
  crypto: Crypto,
  made: Attestation,
  known: KnownRealm,
): Promise<AttestationVerdict> {
  const checks: AttestationCheck[] = [];
  const note = (check: AttestationCheck['check'], ok: boolean, detail: string) =>
    checks.push({ check, ok, detail });
  note('realm', made.realm === known.realm, made.realm === known.realm ? '' : `it is of ${made.realm}`);
  // A stranger's signature under true times would pass for a word of this realm.
  const isOurs = Object.hasOwn(known.hosts, made.host) && known.hosts[made.host]?.includes(made.key);
  note('host', isOurs === true, isOurs === true ? made.host : `${made.host} has no such key in this realm`);
  const signed = await crypto.verify(made.key, statementBytes(made), made.signature);
  note('signature', signed, signed ? '' : 'it is not what the host signed');
  const times: TimeToken[] = [];
  for (const bytes of made.times) {
    const token = await tokenOf(crypto, bytes, known.relays);
    if (token !== null) times.push(token);
    note('time', token !== null, token === null ? 'no relay of this realm signed it' : token.relay);
  }
  return { checks, times };
}

async function tokenOf(
  crypto: Crypto,
  bytes: Uint8Array,
  relays: readonly PublicKey[],
): Promise<TimeToken | null> {
  for (const key of relays) {
    const trust = { key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
    const verdict = await verifyGossip(crypto, bytes, trust);
    if (verdict.ok) return verdict.value;
  }
  return null;
}
