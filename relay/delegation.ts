import type { Signer } from '../core/ports.ts';
import { fromHex, type Seconds, seconds } from '../core/units.ts';
import { type Profile, signingInput } from '../core/wire/roughtime.ts';
import { encodeCertificate, encodeDelegation } from '../core/wire/roughtime-response.ts';

/** An online key with the certificate (CERT) that lets it sign times from `from` to `until`. */
export interface DelegatedKey {
  readonly signer: Signer;
  readonly cert: Uint8Array;
  readonly from: Seconds;
  readonly until: Seconds;
}

/** Keeps one delegated key and replaces it in good time. */
interface Delegator {
  /** The key for a time, or null if one has to be made; in the last quarter of its window a successor is made meanwhile. */
  at(time: Seconds): DelegatedKey | null;
  /** A key for a time, made by the long-term key; several callers wait for one. */
  renew(time: Seconds): Promise<DelegatedKey>;
  /** The end of the present key's window. */
  until(): Seconds | null;
}

/** How long to wait after a long-term key could not be used; the present key is still good. */
const RETRY_AFTER = 60;

/** Delegates from the long-term key for windows of the length given (RFC 10049, CERT). */
export function delegator(
  longTerm: Signer,
  makeOnlineKey: () => Promise<Signer>,
  profile: Profile,
  length: Seconds,
): Delegator {
  let present: DelegatedKey | null = null;
  let making: Promise<void> | null = null;
  let retryAt = Number.NEGATIVE_INFINITY;

  async function make(time: Seconds): Promise<void> {
    try {
      const signer = await makeOnlineKey();
      const until = seconds(time + length);
      const dele = encodeDelegation({ key: fromHex(signer.key), from: BigInt(time), until: BigInt(until) });
      const signature = await longTerm.sign(signingInput(profile, 'delegation', dele));
      present = { signer, cert: encodeCertificate(dele, signature), from: time, until };
    } finally {
      making = null;
    }
  }

  function ahead(time: Seconds): void {
    if (making !== null || time < retryAt) return;
    retryAt = time + RETRY_AFTER;
    making = make(time);
    // A failure shows in `until`, which then does not move; the batch at hand has a key and must not fail for it.
    making.catch(() => undefined);
  }

  const covers = (key: DelegatedKey, time: Seconds) => key.from <= time && time <= key.until;

  return {
    at(time) {
      if (present === null || !covers(present, time)) return null;
      if (time > present.until - length / 4) ahead(time);
      return present;
    },
    async renew(time) {
      for (;;) {
        if (present !== null && covers(present, time)) return present;
        making ??= make(time);
        await making;
      }
    },
    until: () => present?.until ?? null,
  };
}
