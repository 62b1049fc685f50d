import { leaseTokenSigner } from '../adapters/lease-token.ts';
import type { Lease } from '../engine/lease.ts';
import type { Hash } from '../units.ts';

/** The token of a lease: a JWT that a tool can check offline with the host's public key. */
export type TokenOf = (lease: Lease) => string;

/** Makes tokens with the host's key, given as PKCS #8; one for each lease, however often it is asked for. */
export function leaseTokens(realm: Hash, pkcs8: Uint8Array): TokenOf {
  const sign = leaseTokenSigner(pkcs8);
  const made = new WeakMap<Lease, string>();
  return (lease) => {
    const known = made.get(lease);
    if (known !== undefined) return known;
    const { end, feature, host, id, process, since, time, user, version } = lease;
    const token = sign({
      ...{ issuer: `${realm}/${host}`, user, lease: id, feature, tool: process.tool, version },
      ...{ issuedAt: since, from: since, until: end },
      ...(time === undefined ? {} : { time }),
    });
    made.set(lease, token);
    return token;
  };
}
