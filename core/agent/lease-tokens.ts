import { leaseTokenSigner } from '../adapters/lease-token.ts';
import type { Lease } from '../engine/lease.ts';
import type { Hash } from '../units.ts';

/** Tokens of leases: JWTs that a tool can check offline with the host's public key. */
export interface LeaseTokens {
  /** Signs for leases that will be answered with. To be called while the disk is busy with them. */
  prepare(leases: readonly Lease[]): Promise<void>;
  /** The token of a lease, as prepared or made now. */
  of(lease: Lease): string;
}

/** Makes tokens with the host's key, given as PKCS #8. */
export function leaseTokens(realm: Hash, pkcs8: Uint8Array): LeaseTokens {
  const signer = leaseTokenSigner(pkcs8);
  const prepared = new Map<Lease, string>();
  const claims = ({ end, feature, host, id, process, since, user, version }: Lease) => ({
    ...{ issuer: `${realm}/${host}`, user, lease: id, feature, tool: process.tool, version },
    ...{ issuedAt: since, from: since, until: end },
  });
  return {
    async prepare(leases) {
      const [first, ...others] = leases;
      if (first !== undefined && others.length === 0) prepared.set(first, signer.sign(claims(first)));
      else {
        await Promise.all(
          leases.map(async (lease) => {
            prepared.set(lease, await signer.signAside(claims(lease)));
          }),
        );
      }
    },
    of(lease) {
      const token = prepared.get(lease) ?? signer.sign(claims(lease));
      prepared.delete(lease);
      return token;
    },
  };
}
