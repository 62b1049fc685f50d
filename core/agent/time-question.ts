import { sha512 } from '../adapters/sha512-node.ts';
import type { Clock, Crypto, Random } from '../ports.ts';
import { no, ok, type Result } from '../result.ts';
import { type FreshWitness, MAX_ANSWER } from '../state/clock.ts';
import { fromHex, type PublicKey, type Seconds } from '../units.ts';
import { delegationCache } from '../verify/delegations.ts';
import { serverName } from '../verify/merkle.ts';
import { type AnswerReason, MAX_LAB_DELEGATION, verifyResponse } from '../verify/time.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { encodeRequest } from '../wire/roughtime-request.ts';
import type { TimeChain } from './time-chain.ts';

/** Running time between two requests for signed time. */
const ASK_EVERY = 600;
/** The same where there is need: an answer that is newer than that would say nothing else. */
const ASK_URGENTLY_EVERY = 30;
/** Running time before the question after the first that went without an answer; it doubles with each, up to `ASK_EVERY`. */
const FIRST_WAIT = 10;

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
  ports: {
    readonly chain: TimeChain;
    readonly clock: Clock;
    readonly crypto: Crypto;
    readonly random: Random;
  },
): TimeQuestion {
  const { chain, clock, crypto, random } = ports;
  const trust = { key: relay, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  const delegations = delegationCache(2);
  let open: Open | null = null;
  let answeredAt: Seconds | null = null;
  /** Questions in a row that went without an answer that holds. */
  let failures = 0;
  let notBefore = 0;

  // With a part of chance in it, so that hosts that lost a relay at once do not come back at once.
  function fail(at: number): void {
    open = null;
    failures += 1;
    const wait = Math.min(ASK_EVERY, FIRST_WAIT * 2 ** (failures - 1));
    notBefore = at + wait * (0.5 + (random.bytes(1)[0] ?? 0) / 256);
  }

  return {
    async ask(urgent) {
      const now = clock.running();
      if (open !== null && now - open.sentAt <= MAX_ANSWER) return null;
      if (open !== null) fail(open.sentAt + MAX_ANSWER);
      if (now < notBefore) return null;
      const every = urgent || chain.disputes(relay) ? ASK_URGENTLY_EVERY : ASK_EVERY;
      if (answeredAt !== null && now - answeredAt < every) return null;
      const server = await serverName(sha512, fromHex(relay));
      const chained = await chain.next();
      const packet = encodeRequest({ versions: [PROFILES.v1.version], nonce: chained.nonce, server });
      open = { packet, chained, sentAt: clock.running() };
      return packet;
    },
    async answer(packet) {
      const receivedAt = clock.running();
      const asked = open;
      if (asked === null) return no('not-asked');
      const verdict = await verifyResponse({ crypto, sha512, delegations }, packet, asked.packet, trust);
      // As if there had been none: whoever can send nonsense must not be able to end the question with it.
      if (!verdict.ok) return verdict;
      open = null;
      answeredAt = receivedAt;
      failures = 0;
      await chain.answered(asked.chained, asked.packet, packet, verdict.value);
      return ok({ token: verdict.value, sentAt: asked.sentAt, receivedAt, boot: clock.boot() });
    },
    reset() {
      if (open !== null) fail(clock.running());
      // A new connection is asked at once; if it does not answer either, the wait goes on growing.
      notBefore = 0;
      answeredAt = null;
    },
  };
}

interface Open {
  readonly packet: Uint8Array;
  readonly chained: Awaited<ReturnType<TimeChain['next']>>;
  readonly sentAt: Seconds;
}
