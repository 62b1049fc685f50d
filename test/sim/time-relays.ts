import { fromHex, type PublicKey, seconds } from '../../core/units.ts';
import { MAX_DELEGATION, type TimeToken, verifyGossip } from '../../core/verify/time.ts';
import { PROFILES, signingInput } from '../../core/wire/roughtime.ts';
import {
  encodeCertificate,
  encodeDelegation,
  encodeGossip,
  encodeSignedTime,
} from '../../core/wire/roughtime-response.ts';
import { signerOfLog, simCrypto } from './realm.ts';

/** The seconds that an answer of a relay may be wrong by its own word. */
const RADIUS = 3;
const DAY = 86_400;

/** A relay's signed time. `error` is what it lies by. */
export interface TimeRelay {
  readonly key: PublicKey;
  readonly url: string;
  readonly error: number;
  /** A token signed at an instant, verified. */
  sign(instant: number): Promise<TimeToken>;
}

/** The time of relay number `number`, delegated once for the days around `start`. */
export function timeRelay(number: number, start: number, error: number): TimeRelay {
  const longTerm = signerOfLog(`relay ${number}`);
  const online = signerOfLog(`relay ${number} online`);
  const from = Math.floor((start + error) / DAY - 2) * DAY;
  const dele = encodeDelegation({
    key: fromHex(online.key),
    from: BigInt(from),
    until: BigInt(from + 20 * DAY),
  });
  const profile = PROFILES.v1;
  const trust = { key: longTerm.key, profile, maxDelegation: MAX_DELEGATION };
  let cert: Uint8Array | null = null;
  return {
    key: longTerm.key,
    url: `wss://relay-${number}.example`,
    error,
    async sign(instant) {
      cert ??= encodeCertificate(dele, await longTerm.sign(signingInput(profile, 'delegation', dele)));
      const srep = encodeSignedTime({
        version: profile.version,
        radius: RADIUS,
        midpoint: BigInt(Math.floor(seconds(instant + error))),
        versions: [profile.version],
        root: new Uint8Array(32),
        head: null,
      });
      const signature = await online.sign(signingInput(profile, 'response', srep));
      const verdict = await verifyGossip(simCrypto, encodeGossip({ signature, srep, cert }), trust);
      if (!verdict.ok) throw new Error(`a relay's own time does not verify: ${verdict.reason}`);
      return verdict.value;
    },
  };
}
