import type { CommandReason } from '../engine/effect.ts';
import { type FaultCode, isFault } from '../errors.ts';
import {
  DENIAL_ENDINGS,
  EXIT,
  type ExitCode,
  FAULT_ENDINGS,
  REFUSAL_ENDINGS,
  type RefusalCode,
} from './exit-codes.ts';

/** Why a command ends without doing what it was asked, as it is told to people and to programs. */
export interface Ended {
  readonly exit: ExitCode;
  /** UPPER_SNAKE: a fault's code, a denial's reason, or one of the command line's own. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Ends a command from wherever it stands; only `main` catches it. */
export class Refusal extends Error {
  readonly ended: Ended;

  constructor(code: RefusalCode, message: string, hint: string | null = REFUSAL_ENDINGS[code].hint) {
    super(message);
    this.name = 'Refusal';
    this.ended = { exit: EXIT[REFUSAL_ENDINGS[code].exit], code, message, hint };
  }
}

/** Ends a command because the agent said no. */
export class Denied extends Error {
  readonly ended: Ended;

  constructor(reason: CommandReason, detail: string) {
    super(detail);
    this.name = 'Denied';
    this.ended = denial(reason, detail);
  }
}

/** The words and the exit code for a denial; one that an agent newer than this gives is shown as it came. */
export function denial(reason: CommandReason, detail: string): Ended {
  const known = Object.hasOwn(DENIAL_ENDINGS, reason) ? DENIAL_ENDINGS[reason] : undefined;
  const code = String(reason).toUpperCase().replaceAll('-', '_');
  const message = detail === '' ? String(reason).replaceAll('-', ' ') : detail;
  return { exit: EXIT[known?.exit ?? 'failure'], code, message, hint: known?.hint ?? null };
}

/** How a thrown value ends the command; undefined for a bug, which keeps its stack. */
export function endingOf(thrown: unknown): Ended | undefined {
  if (thrown instanceof Refusal || thrown instanceof Denied) return thrown.ended;
  if (!isFault(thrown)) return undefined;
  const { exit, hint } = FAULT_ENDINGS[thrown.code as FaultCode];
  return { exit: EXIT[exit], code: thrown.code, message: thrown.message, hint };
}
