import { isFault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import { RequestRefused } from './request-error.ts';

/** Seconds between two words to the agent at most, after one that it did not hear, and the part of a feature's timeout otherwise. */
const PAUSE = 60;
const RETRY = 2;
const SHARE = 0.25;

/** What saying it needs of the process. */
interface Saying {
  /** Tells the agent; gives the seconds within which it wants to hear it again, null for any. */
  tell(): Promise<number | null>;
  /** Calls once after a span; returns how to cancel. */
  after(span: Seconds, then: () => void): () => void;
}

/** How a program says that it is in use. */
interface SayingActive {
  /** Now, or as soon as the last word is old enough: cheap, and never for nothing. */
  say(): void;
  stop(): void;
}

/** Passes on that a program is in use: who says it with every key is heard now and then, and the last word always. */
export function sayingActive({ after, tell }: Saying): SayingActive {
  let stopped = false;
  let resting = false;
  let again = false;
  let cancel = () => {};
  const rest = (span: number) => {
    if (stopped) return;
    cancel = after(seconds(span), () => {
      resting = false;
      if (again) say();
    });
  };
  const say = () => {
    again = resting;
    if (stopped || resting) return;
    resting = true;
    void told(tell).then(rest);
  };
  return {
    say,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}

async function told(tell: () => Promise<number | null>): Promise<number> {
  try {
    const within = await tell();
    return within === null ? PAUSE : Math.min(PAUSE, SHARE * within);
  } catch (error) {
    // An agent that is older than this does not know what it is told, and takes no seat back for silence.
    if (error instanceof RequestRefused) return PAUSE;
    if (isFault(error)) return RETRY;
    throw error;
  }
}
