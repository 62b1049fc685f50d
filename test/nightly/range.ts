import type { Counted } from '../sim/tally.ts';
import { kindNamed } from './kinds.ts';

/** What the process of a range says of one seed. */
export interface Report {
  readonly seed: number;
  readonly tally: readonly (readonly [Counted, number])[];
  /** The end of the trace and what was violated; null when nothing was. */
  readonly failure: readonly string[] | null;
}

// Whoever is nobody's child any more runs for nobody.
process.once('disconnect', () => process.exit());

const [, , name = '', from, until] = process.argv;
const { run } = kindNamed(name);
for (let seed = Number(from); seed < Number(until); seed++) {
  const { tail, tally, violation } = await run(seed);
  const failure = violation === null ? null : [...tail, violation.stack ?? violation.message];
  const report: Report = { seed, tally: [...tally], failure };
  await new Promise((sent) => process.send?.(report, sent));
}
process.disconnect?.();
