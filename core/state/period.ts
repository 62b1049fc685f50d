import { type Seconds, seconds } from '../units.ts';

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z)?$/;
const DAY = 86_400;

/** The instant at which a period begins: a plain date means its first second, UTC. Null for what is no date. */
export function periodStart(text: string): Seconds | null {
  const instant = instantOf(text);
  return instant === null ? null : seconds(instant.at);
}

/** The first instant after a period: a plain date means the end of that day, UTC; a date-time is itself excluded. */
export function periodEnd(text: string): Seconds | null {
  const instant = instantOf(text);
  return instant === null ? null : seconds(instant.at + (instant.wholeDay ? DAY : 0));
}

function instantOf(text: string): { at: number; wholeDay: boolean } | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? 0 : Number(part)));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const at = daysSinceEpoch(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
  return { at, wholeDay: match[4] === undefined };
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
