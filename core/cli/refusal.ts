import type { SetupReason } from '../agent/realm-setup.ts';
import type { RequestReason } from '../agent/request-error.ts';
import type { CommandReason } from '../engine/effect.ts';
import { type FaultCode, isFault } from '../errors.ts';
import type { LicenceReason } from '../state/grant-import.ts';
import {
  DENIAL_ENDINGS,
  type Ending,
  EXIT,
  type ExitCode,
  FAULT_ENDINGS,
  LICENCE_ENDINGS,
  REFUSAL_ENDINGS,
  REQUEST_ENDINGS,
  type RefusalCode,
  SETUP_ENDINGS,
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

/** Ends a command because the answer is no, for a reason of a closed list. */
export class Denied extends Error {
  readonly ended: Ended;

  constructor(
    reason: CommandReason | SetupReason | RequestReason | `licence-${LicenceReason}`,
    detail = '',
    instead: string | null = null,
  ) {
    super(detail);
    this.name = 'Denied';
    const endings: Readonly<Record<string, Ending>> = {
      ...SETUP_ENDINGS,
      ...LICENCE_ENDINGS,
      ...REQUEST_ENDINGS,
      ...DENIAL_ENDINGS,
    };
    // An agent newer than this may have reasons that are not known here.
    const { exit, hint } = endings[reason] ?? { exit: 'failure', hint: null };
    const words = reason.replaceAll('-', ' ');
    const message = detail === '' ? words : `${words}: ${detail}`;
    this.ended = {
      exit: EXIT[exit],
      code: reason.toUpperCase().replaceAll('-', '_'),
      message,
      hint: instead ?? hint,
    };
  }
}

/** How a thrown value ends the command; undefined for a bug, which keeps its stack. */
export function endingOf(thrown: unknown): Ended | undefined {
  if (thrown instanceof Refusal || thrown instanceof Denied) return thrown.ended;
  if (isUnanswered(thrown)) return new Denied(thrown.reason, thrown.message).ended;
  if (!isFault(thrown)) return undefined;
  const { exit, hint } = FAULT_ENDINGS[thrown.code as FaultCode];
  return { exit: EXIT[exit], code: thrown.code, message: thrown.message, hint };
}

/** A RequestRefused by its name: its class would bring the whole of JSON-RPC along with every `--help`. */
function isUnanswered(thrown: unknown): thrown is Error & { readonly reason: RequestReason } {
  return thrown instanceof Error && thrown.name === 'RequestRefused' && 'reason' in thrown;
}
