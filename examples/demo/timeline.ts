import { performance } from 'node:perf_hooks';

/** Raised when something that the demo promises was not observed. */
class NotObserved extends Error {}

const WIDTH = 78;

/** A printed record of what happened, with the time since the start. */
export interface Timeline {
  /** Begins a step. */
  step(number: number, title: string): void;
  /** Tells something that happened. */
  tell(text: string): void;
  /** Tells something that was observed to hold; throws NotObserved if it was not. */
  observe(holds: boolean, text: string): void;
  /** Milliseconds since the start. */
  elapsed(): number;
  /** How many things were observed to hold. */
  observed(): number;
}

/** A timeline on standard output. */
export function timeline(write: (line: string) => void): Timeline {
  const start = performance.now();
  let observed = 0;
  const line = (mark: string, text: string) => {
    const at = ((performance.now() - start) / 1000).toFixed(2).padStart(6);
    write(`${at} s  ${mark} ${text}`);
  };
  return {
    step: (number, title) => {
      write('');
      write(`── ${number}. ${title} ${'─'.repeat(Math.max(0, WIDTH - title.length - 7))}`);
    },
    tell: (text) => line(' ', text),
    observe: (holds, text) => {
      line(holds ? '✓' : '✗', text);
      if (!holds) throw new NotObserved(text);
      observed += 1;
    },
    elapsed: () => performance.now() - start,
    observed: () => observed,
  };
}
