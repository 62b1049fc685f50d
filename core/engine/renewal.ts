import { type Seconds, seconds } from '../units.ts';

/** Part of a term, and seconds at most, before its end in which leases are renewed into the next. */
const RENEW_SHARE = 0.1;
const RENEW_WITHIN = 900;

/** The instant from which leases are renewed into the term after this one. */
export function renewFrom(term: { readonly from: Seconds; readonly until: Seconds }): Seconds {
  return seconds(term.until - Math.min(RENEW_WITHIN, RENEW_SHARE * (term.until - term.from)));
}
