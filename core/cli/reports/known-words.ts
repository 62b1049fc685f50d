import { HOUR } from '../../state/reports/buckets.ts';
import { gapsOf } from '../../state/reports/coverage.ts';
import type { UsageFigures } from '../../state/reports/figures.ts';
import { counted } from '../counted.ts';
import { percent, utcMinute } from './figure-words.ts';

/** Gaps that are named one by one. */
const MOST_GAPS = 5;

/** How much of a period the records cover, in sentences: what they do not is unknown. */
export function knownSentences({ coverage, lost }: UsageFigures): readonly string[] {
  const { expected, reported } = coverage.hours;
  const out: string[] = [];
  const { until: end } = coverage.span;
  const runs = end % HOUR !== 0 && (coverage.reported.at(-1) ?? 0) === 0;
  const every = runs ? 'every full hour' : 'every hour';
  // The hour that is not over has no record yet.
  const gaps = gapsOf(coverage).filter(({ from, until }) => until - from >= HOUR);
  if (reported === 0)
    out.push('No host has records of this period: its use is unknown, which is not the same as none.');
  else if (reported === expected && gaps.length > 0)
    out.push(`Every host has signed its use of ${every} from its first record on.`);
  else if (reported === expected)
    out.push(`Records are complete: every host has signed its use of ${every}.`);
  else {
    out.push(
      `Records cover ${percent(reported / expected)} of the hours of the hosts; what they lack is unknown, and figures are at least what is shown.`,
    );
  }
  if (reported > 0 && gaps.length > 0) {
    const named = gaps
      .slice(0, MOST_GAPS)
      .map(({ from, until }) => `${utcMinute(from)} to ${utcMinute(until)}`);
    const more = gaps.length > MOST_GAPS ? `, and ${counted(gaps.length - MOST_GAPS, 'more stretch')}es` : '';
    out.push(`No records from any host: ${named.join(', ')}${more}.`);
  }
  if (reported > 0 && runs) {
    const from = utcMinute(end - (end % HOUR));
    out.push(`Of the part of an hour at the end, from ${from}, there are no records yet: it is unknown.`);
  }
  if (coverage.silent.length > 0) out.push(`Hosts without any record: ${coverage.silent.join(', ')}.`);
  if (lost > 0) out.push(`${counted(lost, 'event')} did not fit into the records and are missing here.`);
  return out;
}
