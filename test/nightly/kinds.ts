import { simulateMonths } from '../sim/months.ts';
import { type SimResult, simulate } from '../sim/run.ts';

/** A kind of realm that is run by the thousand: how one is run, and how one is repeated. */
interface Kind {
  readonly run: (seed: number) => Promise<SimResult>;
  readonly again: (seed: number) => string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  realms: {
    run: simulate,
    again: (seed) => `SIM_SEED=${seed} npx mocha --no-config build/test/sim/simulation.js`,
  },
  months: {
    run: simulateMonths,
    again: (seed) => `SIM_SEED=${seed} npx mocha --no-config build/test/sim/sixty-days.js`,
  },
};

/** The kind of a name. */
export function kindNamed(name: string): Kind {
  const kind = KINDS[name];
  if (kind === undefined) {
    throw new RangeError(`expected one of ${Object.keys(KINDS).join(', ')}, got ${name}`);
  }
  return kind;
}
