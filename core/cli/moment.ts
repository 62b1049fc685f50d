/** Where and when dates are shown: the zone, and the present, which decides whether the day is worth its place. */
export interface Calendar {
  readonly timeZone: string;
  readonly now: number;
}

/** An instant with its zone: `17:40 CEST` today, `2030-05-04 17:40 CEST` on other days, `-` for none. */
export function showMoment(instant: number | null, { timeZone, now }: Calendar): string {
  if (instant === null || !Number.isFinite(instant)) return '-';
  const { day, time, zone } = partsOf(instant, timeZone);
  return day === partsOf(now, timeZone).day ? `${time} ${zone}` : `${day} ${time} ${zone}`;
}

/** An instant with day, seconds and zone, where the exact one matters. */
export function showExactly(instant: number | null, timeZone: string): string {
  if (instant === null || !Number.isFinite(instant)) return '-';
  const { day, time, second, zone } = partsOf(instant, timeZone);
  return `${day} ${time}:${second} ${zone}`;
}

function partsOf(instant: number, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const parts = Object.fromEntries(
    format.formatToParts(instant * 1000).map(({ type, value }) => [type, value]),
  );
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}`,
    second: parts.second ?? '',
    zone: parts.timeZoneName ?? '',
  };
}
