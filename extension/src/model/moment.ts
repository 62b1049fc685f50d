import type { Reader } from './reader.ts';

const DAY = 86_400;

const UNITS = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A span in its largest whole unit, as `2h`; what is negative counts as nothing. */
export function spanWords({ locale }: Reader, seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const [unit, size] = UNITS.find(([, length]) => left >= length) ?? UNITS[3];
  const style = { style: 'unit', unit, unitDisplay: 'narrow' } as const;
  return new Intl.NumberFormat(locale, style).format(Math.floor(left / size));
}

/** An instant in seconds since 1970: the time of day within half a day of `now`, the date as well otherwise. */
export function momentWords({ locale, timeZone }: Reader, at: number, now: number): string {
  const date =
    Math.abs(at - now) < DAY / 2 ? {} : ({ year: 'numeric', month: 'short', day: 'numeric' } as const);
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, {
    ...{ hour: '2-digit', minute: '2-digit' },
    ...date,
    ...zone,
  }).format(new Date(1000 * at));
}
