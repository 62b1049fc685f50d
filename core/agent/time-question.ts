import { sha512 } from '../adapters/sha512-node.ts';
import type { Clock, Crypto, Random } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { type FreshWitness, MAX_ANSWER } from '../state/clock.ts';
import { fromHex, type PublicKey, type Seconds } from '../units.ts';
import { delegationCache } from '../verify/delegations.ts';
import { serverName } from '../verify/merkle.ts';
import { type AnswerReason, MAX_LAB_DELEGATION, verifyResponse } from '../verify/time.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { encodeRequest, NONCE_BYTES } from '../wire/roughtime-request.ts';

/** Running time between two requests for signed time. */
const ASK_EVERY = 600;

/** Asks one relay for signed time over one connection, one request at a time. */
interface TimeQuestion {
  /** The packet to send now; null while an answer is fresh enough or still awaited. */
  ask(urgent: boolean): Promise<Uint8Array | null>;
  /** What an answer proves. Anything that does not answer the open request is refused. */
  answer(packet: Uint8Array): Promise<Result<FreshWitness, AnswerReason | 'not-asked'>>;
  /** The connection went, and with it the open request. */
  reset(): void;
}

/** The questions put to the relay whose time is signed with this key. */
export function timeQuestion(
  relay: PublicKey,
  ports: { readonly clock: Clock; readonly crypto: Crypto; readonly random: Random },
): TimeQuestion {
  const { clock, crypto, random } = ports;
  const trust = { key: relay, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  const delegations = delegationCache(2);
  let open: { readonly packet: Uint8Array; readonly sentAt: Seconds } | null = null;
  let answeredAt: Seconds | null = null;
  return {
    async ask(urgent) {
      const now = clock.running();
      if (open !== null && now - open.sentAt <= MAX_ANSWER) return null;
      if (answeredAt !== null && now - answeredAt < ASK_EVERY && !urgent) return null;
      const server = await serverName(sha512, fromHex(relay));
      const request = { versions: [PROFILES.v1.version], nonce: random.bytes(NONCE_BYTES), server };
      const packet = encodeRequest(request);
      open = { packet, sentAt: clock.running() };
      return packet;
    },
    async answer(packet) {
      const receivedAt = clock.running();
      const asked = open;
      if (asked === null) return no('not-asked');
      const verdict = await verifyResponse({ crypto, sha512, delegations }, packet, asked.packet, trust);
      if (!verdict.ok) return verdict;
      open = null;
      answeredAt = receivedAt;
      return ok({ token: verdict.value, sentAt: asked.sentAt, receivedAt, boot: clock.boot() });
    },
    reset() {
      open = null;
      answeredAt = null;
    },
  };
}
