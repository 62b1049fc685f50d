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

/** For so many days a relay's online key is delegated at once. */
const DELEGATED = 20;

/** The time of relay number `number`, delegated anew before what it was given from the days around `start` on has ended. */
export function timeRelay(number: number, start: number, error: number): TimeRelay {
  const longTerm = signerOfLog(`relay ${number}`);
  const online = signerOfLog(`relay ${number} online`);
  const from = Math.floor((start + error) / DAY - 2) * DAY;
  const profile = PROFILES.v1;
  const trust = { key: longTerm.key, profile, maxDelegation: MAX_DELEGATION };
  const certificates = new Map<number, Uint8Array>();

  async function certificateAt(instant: number): Promise<Uint8Array> {
    const part = Math.max(0, Math.floor((instant - start) / DAY / (DELEGATED - 4)));
    const known = certificates.get(part);
    if (known !== undefined) return known;
    const begin = from + part * (DELEGATED - 4) * DAY;
    const end = begin + DELEGATED * DAY;
    const dele = encodeDelegation({ key: fromHex(online.key), from: BigInt(begin), until: BigInt(end) });
    const made = encodeCertificate(dele, await longTerm.sign(signingInput(profile, 'delegation', dele)));
    certificates.set(part, made);
    return made;
  }

  return {
    key: longTerm.key,
    url: `wss://relay-${number}.example`,
    error,
    async sign(instant) {
      const cert = await certificateAt(instant);
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
