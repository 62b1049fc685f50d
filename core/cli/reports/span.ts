import { periodEnd, periodStart } from '../../state/period.ts';
import type { Span } from '../../state/reports/in-use.ts';
import { type Seconds, seconds } from '../../units.ts';
import { parseDuration } from '../duration.ts';
import { Refusal } from '../refusal.ts';

/** Of which time a report is asked. */
export interface SpanOptions {
  readonly since: string;
  readonly until?: string;
}

/** The longest span of a report: more is a slip, and its hours would fill the memory. */
const MAX_SPAN = 10 * 366 * 86_400;

/** The span that `--since` and `--until` name, until now by default; spans of time count back from now. Ends the command where they name none. */
export function spanOf({ since, until }: SpanOptions, now: Seconds): Span {
  const present = seconds(Math.floor(now));
  const span = {
    from: instantOf('--since', since, present, periodStart),
    until: until === undefined ? present : instantOf('--until', until, present, periodEnd),
  };
  if (span.from >= span.until) {
    throw new Refusal('USAGE', 'expected --since to be before --until, which is now if not given');
  }
  if (span.until - span.from > MAX_SPAN) throw new Refusal('USAGE', 'expected ten years at most');
  return span;
}

function instantOf(
  option: string,
  text: string,
  now: Seconds,
  read: (text: string) => Seconds | null,
): Seconds {
  const span = parseDuration(text);
  if (span.ok) return seconds(Math.floor(now - span.value));
  const instant = read(text);
  if (instant !== null) return instant;
  throw new Refusal(
    'USAGE',
    `expected for ${option} a span such as 7d, a day such as 2030-05-04 or an instant such as 2030-05-04T17:30Z, came ${text}`,
  );
}
