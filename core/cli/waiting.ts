import { Fault } from '../errors.ts';
import { type Seconds, seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import type { AgentConnection } from './io.ts';

/** Seconds after which to look again unasked: an agent that is gone tells nothing. */
const RELOOK = seconds(5);

/** What a look at the world gave: the end of the wait, or what it still waits for. */
export type Look<T> = { readonly done: T } | { readonly waiting: string };

/**
 * Looks at once and after everything that the agent tells, until a look is done. Throws Fault TIMED_OUT, with what was
 * waited for, or INTERRUPTED on a signal.
 */
export async function waitUntil<T>(
  io: CommandIo,
  agent: AgentConnection,
  timeout: Seconds | null,
  look: () => Promise<Look<T>>,
): Promise<T> {
  let waiting = '';
  let stale = true;
  let running = false;
  return new Promise<T>((resolve, reject) => {
    const stops: (() => void)[] = [];
    const settle = (finish: () => void) => {
      for (const stop of stops.splice(0)) stop();
      finish();
    };
    // Many pushes while a look is under way ask for one more look, not for many.
    const again = async () => {
      stale = true;
      if (running) return;
      running = true;
      while (stale) {
        stale = false;
        const seen = await look();
        if ('done' in seen) return settle(() => resolve(seen.done));
        waiting = seen.waiting;
      }
      running = false;
    };
    const start = () => again().catch((error: unknown) => settle(() => reject(error)));
    stops.push(agent.on(() => void start()));
    stops.push(io.onSignal(() => settle(() => reject(new Fault('INTERRUPTED')))));
    if (timeout !== null) {
      stops.push(io.after(timeout, () => settle(() => reject(new Fault('TIMED_OUT', { detail: waiting })))));
    }
    const repeat = () => {
      void start();
      stops[0] = io.after(RELOOK, repeat);
    };
    stops.unshift(io.after(RELOOK, repeat));
    void start();
  });
}
