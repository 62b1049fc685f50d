import { isoTime } from '../../state/period.ts';
import { HOUR } from '../../state/reports/buckets.ts';
import { type Seconds, seconds } from '../../units.ts';

/** What stands where nothing is known. */
export const UNKNOWN = '-';

/** A day, UTC: `2030-05-04`. */
export function utcDay(instant: number): string {
  return isoTime(seconds(instant)).slice(0, 10);
}

/** A minute, UTC: `2030-05-04 17:40`. */
export function utcMinute(instant: number): string {
  return isoTime(seconds(instant)).slice(0, 16).replace('T', ' ');
}

/** The beginning of an hour or a day, as long as it has to be to tell it from the next. */
export function utcBucket(instant: number, size: number): string {
  return size % (24 * HOUR) === 0 ? utcDay(instant) : utcMinute(instant);
}

/** Seat-seconds in hours, to a tenth. */
export function inHours(seatSeconds: number): string {
  return oneDecimal(seatSeconds / HOUR);
}

/** A number to a tenth; more than nothing is never shown as nothing. */
export function oneDecimal(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value > 0 && value < 0.05 ? '<0.1' : value.toFixed(1);
}

/** A share in whole percent; more than nothing is never shown as nothing, nor less than all as all. */
export function percent(share: number | null): string {
  if (share === null) return UNKNOWN;
  const whole = Math.round(share * 100);
  if (share > 0 && whole === 0) return '<1 %';
  if (share < 1 && whole === 100) return '>99 %';
  return `${whole} %`;
}

/** A length of time: `45 min`, `3.5 h`, and nothing for none. */
export function lengthOf(span: Seconds): string {
  if (span === 0) return '0';
  if (span < 60) return `${Math.ceil(span)} s`;
  return span < 2 * HOUR ? `${Math.round(span / 60)} min` : `${oneDecimal(span / HOUR)} h`;
}
