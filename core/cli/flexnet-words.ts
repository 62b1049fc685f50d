import type { FlexnetEarlier } from '../state/flexnet-fields.ts';
import type { FlexnetOutcome } from '../state/flexnet-outcome.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';

const SIGNS = {
  taken: ['✓', 'green', 'taken as'],
  'in-part': ['~', 'yellow', 'taken in part:'],
  'left-out': ['✗', 'red', 'left out:'],
} as const;

const EARLIER_SIGNS = {
  replaced: ['~', 'yellow', ''],
  'taken-back': ['−', 'yellow', 'taken back: '],
  kept: ['=', 'green', 'kept: '],
} as const;

/** What became of each line of an options file, and of what was there before it, in lines of text; comments and empty lines are counted at the end. */
export function outcomeLines(
  io: CommandIo,
  lines: readonly FlexnetOutcome[],
  earlier: readonly FlexnetEarlier[],
): readonly string[] {
  const told = lines.flatMap(({ line, outcome, said, text }) => {
    if (outcome === 'nothing') return [];
    const [sign, colour, words] = SIGNS[outcome];
    return [`${io.out.tone(sign, colour)} ${line}: ${text}`, `    ${words} ${said}`];
  });
  const of = (wanted: FlexnetOutcome['outcome']) => lines.filter(({ outcome }) => outcome === wanted).length;
  const sum = `${counted(of('taken'), 'line')} taken, ${of('in-part')} in part, ${of('left-out')} left out, ${of('nothing')} without content`;
  const before = earlier.flatMap(({ outcome, path, said }) => {
    const [sign, colour, words] = EARLIER_SIGNS[outcome];
    return [`${io.out.tone(sign, colour)} ${path}`, `    ${words}${said}`];
  });
  return [...told, ...before, sum];
}
