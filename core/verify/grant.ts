import type { Crypto } from '../ports.ts';
import { no, type Result } from '../result.ts';
import { decodeGrant, GRANT_PREFIX, type GrantReason, type SealedGrant } from '../wire/grant.ts';
import { canonicalAt, MAX_CANONICAL } from '../wire/typed-groups.ts';

/** Reads a licence code and checks its signature under the key that it names. Whether that key is a vendor's is for the registry to say. */
export async function verifyGrant(
  text: string,
  crypto: Crypto,
): Promise<Result<SealedGrant, GrantReason | 'bad-signature'>> {
  const grant = decodeGrant(text);
  if (!grant.ok) return grant;
  const { key, signature, signed } = grant.value;
  // The attack: seats that no vendor has given, under a vendor's key.
  if (!(await crypto.verify(key, signed, signature))) {
    return no('bad-signature', `not signed by the key that it names (${key})`);
  }
  return grant;
}

/** Those of the texts that are licence codes in canonical form, each signed by the key that it names. */
export async function signedGrants(texts: Iterable<string>, crypto: Crypto): Promise<readonly string[]> {
  const signed: string[] = [];
  for (const text of new Set(texts)) {
    const grant = await verifyGrant(text, crypto);
    if (grant.ok && grant.value.code === text) signed.push(text);
  }
  return signed;
}

const PREFIX = new TextEncoder().encode(`${GRANT_PREFIX}-`);
const LATIN1 = new TextDecoder('latin1');

/**
 * The texts in a draft update that have the form of a licence code: an update keeps each value in one piece, as its UTF-8.
 * None is missed, whatever stands before and after it: hosts that knew different codes would compile different versions.
 */
export function codesIn(update: Uint8Array): readonly string[] {
  const [first = 0] = PREFIX;
  const codes: string[] = [];
  for (let at = update.indexOf(first); at >= 0; at = update.indexOf(first, at + 1)) {
    if (!PREFIX.every((byte, i) => update[at + i] === byte)) continue;
    const code = canonicalAt(GRANT_PREFIX, LATIN1.decode(update.subarray(at, at + MAX_CANONICAL)));
    if (code !== null) codes.push(code);
  }
  return codes;
}
