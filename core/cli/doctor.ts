import type { Check } from './check.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { examine } from './doctor-checks.ts';
import { gatherFacts } from './doctor-facts.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const SIGNS = {
  good: ['✓', 'green'],
  waits: ['…', 'dim'],
  poor: ['!', 'yellow'],
  bad: ['✗', 'red'],
} as const;

/** `doctor`: what is well and what is not, with the way to put it right; exit code 1 if something is bad. */
export async function doctor(io: CommandIo): Promise<ExitCode> {
  io.out.note('Looking at the agent, its data directory, time and the relay');
  const checks = examine(await gatherFacts(io));
  const bad = checks.filter(({ state }) => state === 'bad').length;
  io.out.list('CheckList', checks, () => checks.flatMap((check) => lines(io, check)));
  if (bad > 0) io.out.note(`${counted(bad, 'thing')} to put right`);
  return bad === 0 ? EXIT.success : EXIT.failure;
}

function lines(io: CommandIo, { fix, name, state, text }: Check): readonly string[] {
  const [sign, tone] = SIGNS[state];
  const line = `${io.out.tone(sign, tone)} ${name}: ${text}`;
  return fix === null ? [line] : [line, `  → ${fix}`];
}
