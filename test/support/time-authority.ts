import assert from 'node:assert/strict';
import { sha512 } from '../../core/adapters/sha512-node.ts';
import { type PublicKey, seconds } from '../../core/units.ts';
import { MAX_DELEGATION, type TimeToken, verifyResponse } from '../../core/verify/time.ts';
import { PROFILES } from '../../core/wire/roughtime.ts';
import { encodeRequest } from '../../core/wire/roughtime-request.ts';
import type { ConfigurationHead } from '../../core/wire/roughtime-response.ts';
import { timeKeeper } from '../../relay/time.ts';
import { nodeCrypto, testSigner } from './keys.ts';

/** A relay's clock that really signs, at any time that a test names. */
export interface TimeAuthority {
  readonly key: PublicKey;
  /** The answer to a request at this time; each is from a keeper of its own, so that times may go back. */
  answer(at: number, request: Uint8Array, head?: ConfigurationHead | null): Promise<Uint8Array>;
  /** A verified token of this time, with what the relay holds to be the newest version. */
  token(at: number, head?: ConfigurationHead | null): Promise<TimeToken>;
}

/** The relay whose long-term key is a function of the seed. */
export function timeAuthority(seed: string): TimeAuthority {
  const longTerm = testSigner(seed);
  const trust = { key: longTerm.key, profile: PROFILES.v1, maxDelegation: MAX_DELEGATION };
  const authority: TimeAuthority = {
    key: longTerm.key,
    async answer(at, request, head = null) {
      const keeper = await timeKeeper({
        longTerm,
        makeOnlineKey: async () => testSigner(`${seed} online`),
        wall: () => seconds(at),
        synchronised: () => true,
        mark: { load: async () => null, save: async () => undefined },
        sha512,
      });
      const [answer] = await keeper.answer([request], head);
      assert(answer != null);
      return answer;
    },
    async token(at, head = null) {
      const request = encodeRequest({ versions: [1], nonce: new Uint8Array(32).fill(7), server: null });
      const answer = await authority.answer(at, request, head);
      const verdict = await verifyResponse({ crypto: nodeCrypto, sha512 }, answer, request, trust);
      assert(verdict.ok, verdict.ok ? '' : verdict.reason);
      return verdict.value;
    },
  };
  return authority;
}
