import { no, ok, type Result } from '../result.ts';
import { periodEnd } from '../state/period.ts';
import { type Seconds, seconds } from '../units.ts';
import { Refusal } from './refusal.ts';

/** Until when something is wanted: `--until` or `--hours`, one of them. */
export interface UntilOptions {
  readonly until?: string;
  readonly hours?: number;
}

/** The instant that the options name, counted from now. Ends the command where they name none or two. */
export function untilOf({ hours, until }: UntilOptions, now: Seconds): Seconds {
  if ((until === undefined) === (hours === undefined)) {
    throw new Refusal('USAGE', 'expected --until or --hours, and not both');
  }
  if (hours !== undefined) return seconds(Math.ceil(now + hours * 3600));
  const read = readInstant(until ?? '');
  if (!read.ok) throw new Refusal('USAGE', read.detail ?? 'not a time');
  return read.value;
}

/** Reads `2030-05-04` (through the end of that day, UTC) or `2030-05-04T17:30Z`. */
function readInstant(text: string): Result<Seconds, 'bad-instant'> {
  const instant = periodEnd(text);
  return instant === null
    ? no(
        'bad-instant',
        `expected a day such as 2030-05-04 or an instant such as 2030-05-04T17:30Z, came ${text}`,
      )
    : ok(instant);
}
