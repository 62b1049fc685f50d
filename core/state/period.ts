import { type Seconds, seconds } from '../units.ts';

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(?:Z|([+-]\d{2}:\d{2}))|([+-]\d{2}:\d{2}))?$/;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;
const DAY = 86_400;
/** Seconds that a zone may be from UTC, at most. */
const MAX_OFFSET = 14 * 3600;

/** The instant at which a period begins: a date means its first second, in UTC or at the offset behind it (`2030-01-31+09:00`). Null for what is no date. */
export function periodStart(text: string): Seconds | null {
  const instant = instantOf(text);
  return instant === null ? null : seconds(instant.at);
}

/** The first instant after a period: a date means the end of that day, in UTC or at the offset behind it; a date-time is itself excluded. */
export function periodEnd(text: string): Seconds | null {
  const instant = instantOf(text);
  return instant === null ? null : seconds(instant.at + (instant.wholeDay ? DAY : 0));
}

/** A registry's period as instants: what it leaves open is without end on that side, null is no date. */
export function boundsOf(period: {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}): {
  readonly from: Seconds | null;
  readonly until: Seconds | null;
} {
  return {
    from: period.from === undefined ? seconds(Number.NEGATIVE_INFINITY) : periodStart(period.from),
    until: period.until === undefined ? seconds(Number.POSITIVE_INFINITY) : periodEnd(period.until),
  };
}

function instantOf(text: string): { at: number; wholeDay: boolean } | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => (part === undefined ? 0 : Number(part)));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetOf(match[7] ?? match[8]);
  if (offset === null) return null;
  const at = daysSinceEpoch(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
  return { at, wholeDay: match[4] === undefined };
}

/** Seconds by which a zone is ahead of UTC; null for what is no offset. Names of zones are not taken: their rules change. */
function offsetOf(text: string | undefined): number | null {
  if (text === undefined) return 0;
  const [, sign, hours = 0, minutes = 0] = OFFSET.exec(text) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60;
  if (Number(minutes) > 59 || size > MAX_OFFSET) return null;
  return sign === '-' ? -size : size;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days from 1970-01-01 in the Gregorian calendar, years counted from March so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** An instant in the form of RFC 3339, UTC, to the second. */
export function isoTime(instant: Seconds): string {
  const whole = Math.floor(instant);
  const days = Math.floor(whole / DAY);
  const { year, month, day } = civilDate(days);
  const rest = whole - days * DAY;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(rest / 3600)}:${two((rest % 3600) / 60)}:${two(rest % 60)}Z`;
}

/** The inverse of `daysSinceEpoch`. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** The beginning of a period as a registry says it: the day where it is the first instant of one. */
export function startText(instant: Seconds): string {
  return instant % DAY === 0 ? isoTime(instant).slice(0, 10) : isoTime(instant);
}

/** The end of a period as a registry says it: the last day, through whose end it goes, or the instant itself. */
export function endText(instant: Seconds): string {
  return instant % DAY === 0 ? isoTime(seconds(instant - DAY)).slice(0, 10) : isoTime(instant);
}
