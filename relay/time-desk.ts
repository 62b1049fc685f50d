import type { ConfigurationHead } from '../core/wire/roughtime-response.ts';
import type { Counts } from './counts.ts';
import { MAX_TIME_REQUESTS, TIME_WINDOW_MS } from './limits.ts';
import { MAX_BATCH, type TimeKeeper } from './time.ts';

/** Takes requests for signed time from all transports, and answers those of one window under one signature per configuration. */
export interface TimeDesk {
  /** `reply` gets the answer, or null where there is none. */
  ask(packet: Uint8Array, head: ConfigurationHead | null, reply: Reply): void;
  /** Answers what waits, and resolves when nothing does. */
  idle(): Promise<void>;
}

type Reply = (packet: Uint8Array | null) => void;

/** Calls back when the window is over, unless it is called off. */
type Window = (over: () => void) => () => void;

interface Asked {
  readonly packet: Uint8Array;
  readonly head: ConfigurationHead | null;
  readonly reply: Reply;
}

/**
 * A desk before a time keeper; `failed` hears what the keeper throws, and those who asked get none. Who asks first after
 * a while is answered at the end of the turn; who asks within a window after a signature waits for its end or until as
 * many wait as one signature can serve.
 */
export function timeDesk(
  keeper: TimeKeeper,
  counts: Counts,
  failed: (error: unknown) => void,
  window: Window = timer,
): TimeDesk {
  let queue: Asked[] = [];
  let running: Promise<void> | null = null;
  let callOff: (() => void) | null = null;

  async function run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    callOff?.();
    do {
      const batch = queue;
      queue = [];
      for (const group of byHead(batch)) await answer(group);
    } while (queue.length >= MAX_BATCH);
    callOff = window(() => {
      callOff = null;
      if (queue.length > 0) void go();
    });
    running = null;
  }

  function go(): Promise<void> {
    running ??= run();
    return running;
  }

  async function answer(group: readonly Asked[]): Promise<void> {
    const answers = await answersTo(group);
    counts.add('time_signatures_total', answers.filter((packet) => packet !== null).length);
    answers.forEach((packet, i) => {
      group[i]?.reply(packet);
    });
  }

  async function answersTo(group: readonly Asked[]): Promise<readonly (Uint8Array | null)[]> {
    try {
      const packets = group.map(({ packet }) => packet);
      return await keeper.answer(packets, group[0]?.head ?? null);
    } catch (error) {
      failed(error);
      counts.add('time_refused_total', group.length, 'failed');
      return group.map(() => null);
    }
  }

  return {
    ask(packet, head, reply) {
      if (queue.length >= MAX_TIME_REQUESTS) {
        counts.add('time_refused_total', 1, 'busy');
        reply(null);
        return;
      }
      queue.push({ packet, head, reply });
      if (callOff === null || queue.length >= MAX_BATCH) void go();
    },
    async idle() {
      while (running !== null || queue.length > 0) await go();
    },
  };
}

function timer(over: () => void): () => void {
  const waiting = setTimeout(over, TIME_WINDOW_MS);
  return () => clearTimeout(waiting);
}

function byHead(asked: readonly Asked[]): Iterable<readonly Asked[]> {
  const groups = new Map<string, Asked[]>();
  for (const each of asked) {
    const name = each.head === null ? '' : `${each.head.digest}/${each.head.version}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [each]);
    else group.push(each);
  }
  return groups.values();
}
