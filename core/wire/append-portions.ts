import type { Run } from './append.ts';
import { MAX_UPDATE_RECORDS } from './bounds.ts';
import { varuintSize } from './varint.ts';

/** Bytes of an update around its runs, and of a run around its records, at most. */
const UPDATE_OVERHEAD = 8;
const RUN_OVERHEAD = 48;
/** Bytes of an element around its length and its record. */
const ELEMENT_HEAD = 3;

/**
 * Divides runs into portions of which each encodes to at most `maxBytes`, in the same order; runs are cut where needed.
 * A record that alone exceeds it stands in a portion of its own.
 */
export function appendPortions(runs: readonly Run[], maxBytes: number): Run[][] {
  const portions: Run[][] = [];
  let portion: Run[] = [];
  let size = UPDATE_OVERHEAD;
  let count = 0;
  for (const run of runs) {
    let start = 0;
    size += RUN_OVERHEAD;
    run.records.forEach((record, i) => {
      const cost = ELEMENT_HEAD + varuintSize(record.length) + record.length;
      if (count > 0 && (size + cost > maxBytes || count === MAX_UPDATE_RECORDS)) {
        if (i > start) portion.push(part(run, start, i));
        portions.push(portion);
        portion = [];
        start = i;
        size = UPDATE_OVERHEAD + RUN_OVERHEAD;
        count = 0;
      }
      size += cost;
      count += 1;
    });
    if (start < run.records.length) portion.push(part(run, start, run.records.length));
  }
  return count > 0 ? [...portions, portion] : portions;
}

function part(run: Run, start: number, end: number): Run {
  if (start === 0 && end === run.records.length) return run;
  return { log: run.log, from: run.from + start, records: run.records.slice(start, end) };
}
