import { type Seconds, seconds } from '../units.ts';

/** The first span after which a relay that has refused is asked again; it doubles with each refusal. */
const FIRST = seconds(1);
/** The longest span, so that a realm which a relay has dropped does not burden it. */
const LONGEST = seconds(60);
/** The longest for whoever is alone in its realm: a founder waits for an operator who is about to list it. */
const LONGEST_ALONE = seconds(4);

/** How long a relay that refuses is left alone. */
interface AskingAgain {
  /** It has refused; gives the span until it is asked again. */
  refused(alone: boolean): Seconds;
  /** It has let this host in. */
  letIn(): void;
}

/** No refusal so far. */
export function askingAgain(): AskingAgain {
  let refusals = 0;
  return {
    refused(alone) {
      const span = Math.min(FIRST * 2 ** Math.min(refusals, 10), alone ? LONGEST_ALONE : LONGEST);
      refusals += 1;
      return seconds(span);
    },
    letIn() {
      refusals = 0;
    },
  };
}
