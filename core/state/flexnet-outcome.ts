import type { FlexnetReason } from './flexnet-directives.ts';
import type { FlexnetLine } from './flexnet-lines.ts';

/** What became of a line: taken, taken in part, left out, or there was nothing in it to take. */
export interface FlexnetOutcome {
  readonly line: number;
  readonly text: string;
  readonly outcome: 'taken' | 'in-part' | 'left-out' | 'nothing';
  /** Why it was left out, or what of it was; null where nothing was. */
  readonly reason: FlexnetReason | null;
  /** What it was taken as and what was left out, in a sentence. */
  readonly said: string;
}

/** A line with nothing in it to take. */
export function nothing(line: FlexnetLine): FlexnetOutcome {
  return { ...place(line), outcome: 'nothing', reason: null, said: '' };
}

/** What was taken as a whole. */
export function taken(line: FlexnetLine, said: string): FlexnetOutcome {
  return { ...place(line), outcome: 'taken', reason: null, said };
}

/** What was taken in part, and why not all of it. */
export function inPart(line: FlexnetLine, reason: FlexnetReason, said: string): FlexnetOutcome {
  return { ...place(line), outcome: 'in-part', reason, said };
}

/** What was left out, and why. */
export function leftOut(line: FlexnetLine, reason: FlexnetReason, said: string): FlexnetOutcome {
  return { ...place(line), outcome: 'left-out', reason, said };
}

function place({ line, text }: FlexnetLine) {
  return { line, text };
}
