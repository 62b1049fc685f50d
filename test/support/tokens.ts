import { type PublicKey, seconds } from '../../core/units.ts';
import type { TimeToken } from '../../core/verify/time.ts';

/** The long-term key of a made-up relay. */
export function relayKey(number: number): PublicKey {
  return number.toString(16).padStart(64, '0') as PublicKey;
}

/** A token as if it had been verified. */
export function testToken(relay: PublicKey, midpoint: number, radius = 3): TimeToken {
  return {
    relay,
    midpoint: seconds(midpoint),
    radius: seconds(radius),
    bytes: Uint8Array.from(`${relay} ${midpoint}`, (character) => character.charCodeAt(0)),
    head: null,
    delegation: { from: seconds(midpoint), until: seconds(midpoint) },
  } as unknown as TimeToken;
}
