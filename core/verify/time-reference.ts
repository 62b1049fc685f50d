import type { Crypto } from '../ports.ts';
import type { PublicKey } from '../units.ts';
import { hashOf } from '../wire/hash.ts';
import { PROFILES } from '../wire/roughtime.ts';
import type { TimeReference } from '../wire/time-reference.ts';
import type { VerifiedRecord } from './record.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from './time.ts';

const named = new WeakMap<TimeToken, TimeReference>();

/** Names a token by its hash; the same object for the same token. */
export function referTo(token: TimeToken): TimeReference {
  const known = named.get(token);
  if (known !== undefined) return known;
  const reference = { after: earliest(token), token: hashOf(token.bytes) };
  named.set(token, reference);
  return reference;
}

/** The token that a reference names, if one of these records carries it and one of these relays signed just that time; else null. */
export async function timeNamed(
  crypto: Crypto,
  reference: TimeReference,
  records: readonly VerifiedRecord[],
  relays: readonly PublicKey[],
): Promise<TimeToken | null> {
  const bytes = records.flatMap(timesIn).find((time) => hashOf(time) === reference.token);
  if (bytes === undefined) return null;
  for (const key of relays) {
    const trust = { key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
    const verdict = await verifyGossip(crypto, bytes, trust);
    // The attack: a true token under a later instant would date what names it too late.
    if (verdict.ok) return earliest(verdict.value) === reference.after ? verdict.value : null;
  }
  return null;
}

/** The signed times that a record brings along, in gossip form. */
export function timesIn(record: VerifiedRecord): readonly Uint8Array[] {
  if (record.type === 'heads') return record.body.times ?? [];
  return record.type === 'setup' ? [record.body.token] : [];
}

function earliest({ midpoint, radius }: TimeToken): number {
  return Math.max(0, midpoint - radius);
}
