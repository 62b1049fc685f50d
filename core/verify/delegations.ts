import { type PublicKey, toHex } from '../units.ts';
import type { Profile } from '../wire/roughtime.ts';

/** What a long-term key was found to have signed, so that the next token under it costs one verification less. */
export interface DelegationCache {
  knows(delegation: CertifiedBy): boolean;
  /** Remembers a delegation whose signature was verified, and nothing else. */
  remember(delegation: CertifiedBy): void;
}

/** A delegation with its signature, all as received, and whose it is to be in which dialect. */
interface CertifiedBy {
  readonly key: PublicKey;
  readonly profile: Profile;
  readonly dele: Uint8Array;
  readonly delegationSignature: Uint8Array;
}

/** Two for each of a dozen relays: the present online key and the one before. */
const MAX_DELEGATIONS = 24;

/** An empty cache of at most so many delegations; the one that was remembered first goes first. */
export function delegationCache(most: number = MAX_DELEGATIONS): DelegationCache {
  const known = new Set<string>();
  return {
    knows: (delegation) => known.has(nameOf(delegation)),
    remember(delegation) {
      known.add(nameOf(delegation));
      for (const first of known) {
        if (known.size <= most) break;
        known.delete(first);
      }
    },
  };
}

/** All that the signature depends on, and the signature: nothing may be taken for verified that differs in a bit. */
function nameOf({ dele, delegationSignature, key, profile }: CertifiedBy): string {
  return `${key} ${profile.version} ${profile.context} ${toHex(delegationSignature)} ${toHex(dele)}`;
}
