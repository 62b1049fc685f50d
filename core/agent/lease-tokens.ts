import { leaseTokenSigner } from '../adapters/lease-token.ts';
import type { Lease } from '../engine/lease.ts';
import type { Hash } from '../units.ts';

/** Tokens of leases: JWTs that a tool can check offline with the host's public key. */
export interface LeaseTokens {
  /** Signs for a lease that will be answered with. To be called while the disk is busy with it. */
  prepare(lease: Lease): void;
  /** The token of a lease, as prepared or made now. */
  of(lease: Lease): string;
}

/** Makes tokens with the host's key, given as PKCS #8. */
export function leaseTokens(realm: Hash, pkcs8: Uint8Array): LeaseTokens {
  const sign = leaseTokenSigner(pkcs8);
  const prepared = new Map<Lease, string>();
  const tokenOf = ({ end, feature, host, id, process, since, time, user, version }: Lease) =>
    sign({
      ...{ issuer: `${realm}/${host}`, user, lease: id, feature, tool: process.tool, version },
      ...{ issuedAt: since, from: since, until: end },
      ...(time === undefined ? {} : { time }),
    });
  return {
    prepare: (lease) => void prepared.set(lease, tokenOf(lease)),
    of(lease) {
      const token = prepared.get(lease) ?? tokenOf(lease);
      prepared.delete(lease);
      return token;
    },
  };
}
