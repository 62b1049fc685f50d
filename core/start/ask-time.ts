import type { Clock, Crypto, Random } from '../ports.ts';
import type { Witness } from '../state/clock.ts';
import { fromHex, type PublicKey } from '../units.ts';
import { type Sha512, serverName } from '../verify/merkle.ts';
import { MAX_LAB_DELEGATION, verifyResponse } from '../verify/time.ts';
import { PROFILES } from '../wire/roughtime.ts';
import { encodeRequest, NONCE_BYTES } from '../wire/roughtime-request.ts';

/** Sends a packet by POST and gives what came back; null where nothing did within so many seconds. */
export type Post = (url: string, packet: Uint8Array, timeout: number) => Promise<Uint8Array | null>;

/** A relay's answer to a nonce of our own, by `POST /v1/time`; null where there is none that verifies. */
export async function askTime(
  relay: { readonly url: string; readonly key: PublicKey },
  ports: {
    readonly clock: Clock;
    readonly crypto: Crypto;
    readonly random: Random;
    readonly sha512: Sha512;
    readonly post: Post;
  },
  timeout: number,
): Promise<Witness | null> {
  const { clock, crypto, post, random, sha512 } = ports;
  const server = await serverName(sha512, fromHex(relay.key));
  const nonce = random.bytes(NONCE_BYTES);
  const packet = encodeRequest({ versions: [PROFILES.v1.version], nonce, server });
  const [boot, sentAt] = [clock.boot(), clock.running()];
  const answer = await post(timeAddress(relay.url), packet, timeout);
  const receivedAt = clock.running();
  if (answer === null) return null;
  const trust = { key: relay.key, profile: PROFILES.v1, maxDelegation: MAX_LAB_DELEGATION };
  // An invalid answer is none: whoever is between must not get more by it than by silence.
  const verdict = await verifyResponse({ crypto, sha512 }, answer, packet, trust);
  if (!verdict.ok) return null;
  const token = verdict.value;
  // A page that slept meanwhile counts anew: how long the answer took is not known, and it bounds nothing from above.
  if (boot !== clock.boot()) return { token, passive: true, at: receivedAt, boot: clock.boot() };
  return { token, sentAt, receivedAt, boot };
}

function timeAddress(url: string): string {
  return `${url.replace(/^ws/, 'http').replace(/\/+$/, '')}/v1/time`;
}
