import type { Seconds } from '../core/units.ts';
import { type Bucket, MAX_RATED_ADDRESSES, takeToken } from './limits.ts';

/** How much each address may still ask. */
interface AddressRates {
  /** Takes one token of the address, or of its /64 where it is an IPv6 one; false when there is none. */
  take(address: string): boolean;
}

const MAPPED = '::ffff:';

/** A bucket of `rate` tokens a second for each address, for at most twice `most` addresses at a time. */
export function addressRates(
  rate: number,
  now: () => Seconds,
  most: number = MAX_RATED_ADDRESSES,
): AddressRates {
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();
  return {
    take(address) {
      const name = networkOf(address);
      let bucket = young.get(name);
      if (bucket === undefined) {
        bucket = old.get(name) ?? { level: rate, at: now() };
        // Addresses can be forged by the million: what is forgotten are those that were silent longest.
        if (young.size >= most) {
          old = young;
          young = new Map();
        }
        young.set(name, bucket);
      }
      return takeToken(bucket, rate, now);
    },
  };
}

/** Whoever has one address of IPv6 has all of its /64, so that is what counts as one sender. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length);
  const [before = '', after] = (address.split('%')[0] ?? '').split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  return [...head, ...new Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':');
}
