import type { Crypto } from '../ports.ts';
import { fromHex, isPublicKey, type PublicKey, type Seconds, seconds, toHex } from '../units.ts';
import { MAX_LAB_DELEGATION, type TimeToken, verifyGossip } from '../verify/time.ts';
import { PROFILES } from '../wire/roughtime.ts';

const FORM = /^([0-9a-f]{64}):((?:[0-9a-f]{2}){1,4096})$/;

/** A token as a text that can be kept anywhere: the relay's key, and the gossip form in hex. */
export function setUpText({ bytes, relay }: TimeToken): string {
  return `${relay}:${toHex(bytes)}`;
}

/** Of texts the one of the earliest time that a believed relay has signed; what does not verify is none. */
export async function earliestSetUp(
  texts: readonly string[],
  believed: ReadonlySet<PublicKey>,
  crypto: Crypto,
): Promise<{ readonly at: Seconds; readonly text: string } | null> {
  let first: { readonly at: Seconds; readonly text: string } | null = null;
  for (const text of texts) {
    const [, key = '', hex = ''] = FORM.exec(text) ?? [];
    if (!isPublicKey(key) || !believed.has(key)) continue;
    const trust = { key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
    const token = await verifyGossip(crypto, fromHex(hex), trust);
    if (!token.ok) continue;
    const at = seconds(token.value.midpoint - token.value.radius);
    if (first === null || at < first.at) first = { at, text };
  }
  return first;
}
