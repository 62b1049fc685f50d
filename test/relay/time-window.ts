import { deepEqual } from 'node:assert/strict';
import type { Hash } from '../../core/units.ts';
import type { ConfigurationHead } from '../../core/wire/roughtime-response.ts';
import { newCounts } from '../../relay/counts.ts';
import { MAX_TIME_REQUESTS } from '../../relay/limits.ts';
import { MAX_BATCH } from '../../relay/time.ts';
import { timeDesk } from '../../relay/time-desk.ts';

/** A desk whose windows end when the test says so; it notes how many requests came under each signature. */
function rig() {
  const batches: number[] = [];
  const windows: { over: () => void; off: boolean }[] = [];
  let answered = 0;
  const keeper = {
    answer: async (requests: readonly Uint8Array[]) => {
      batches.push(requests.length);
      return [...requests];
    },
    delegatedUntil: () => null,
  };
  const desk = timeDesk(
    keeper,
    newCounts(),
    () => undefined,
    (over) => {
      const window = { over, off: false };
      windows.push(window);
      return () => {
        window.off = true;
      };
    },
  );
  return {
    ...{ batches, desk },
    answered: () => answered,
    ask(count: number, head: ConfigurationHead | null = null) {
      const reply = () => {
        answered += 1;
      };
      for (let i = 0; i < count; i++) desk.ask(Uint8Array.of(i), head, reply);
    },
    open: () => windows.filter(({ off }) => !off).length,
    end() {
      for (const window of windows.splice(0)) if (!window.off) window.over();
    },
  };
}

/** As many turns of the event loop as any answer here takes. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

const head = (version: number): ConfigurationHead => ({
  ...{ generation: 0, version },
  digest: 'ab'.repeat(32) as Hash,
});

describe('the desk for signed time', () => {
  it('lets no more wait than it may, and answers those', async () => {
    const { answered, ask, batches } = rig();
    ask(MAX_TIME_REQUESTS + 3);
    deepEqual(answered(), 3);
    await turns();
    deepEqual([batches, answered()], [[MAX_TIME_REQUESTS], MAX_TIME_REQUESTS + 3]);
  });

  it('lets a first request wait for nothing but the end of the turn', async () => {
    const { answered, ask, batches } = rig();
    ask(5);
    await turns();
    deepEqual([batches, answered()], [[5], 5]);
  });

  it('signs what comes within a window after a signature once, at its end', async () => {
    const { answered, ask, batches, end } = rig();
    ask(1);
    await turns();
    for (let i = 0; i < 3; i++) {
      ask(2);
      await turns();
    }
    deepEqual([batches, answered()], [[1], 1]);
    end();
    await turns();
    deepEqual([batches, answered()], [[1, 6], 7]);
    end();
    await turns();
    ask(1);
    await turns();
    deepEqual(batches, [1, 6, 1]);
  });

  it('waits no longer once as many have come as one signature can serve, and has one window open', async () => {
    const { answered, ask, batches, end, open } = rig();
    ask(1);
    await turns();
    ask(MAX_BATCH - 1);
    await turns();
    deepEqual(batches, [1]);
    ask(1);
    await turns();
    deepEqual([batches, answered(), open()], [[1, MAX_BATCH], 1 + MAX_BATCH, 1]);
    ask(1);
    await turns();
    deepEqual(batches, [1, MAX_BATCH]);
    end();
    await turns();
    deepEqual(batches, [1, MAX_BATCH, 1]);
  });

  it('signs once for each configuration that is asked for', async () => {
    const { ask, batches } = rig();
    ask(3);
    ask(2, head(1));
    ask(4, head(2));
    ask(1, head(1));
    await turns();
    deepEqual(batches, [3, 3, 4]);
  });

  it('answers all that waits when it is to be idle', async () => {
    const { answered, ask, desk } = rig();
    ask(1);
    await turns();
    ask(1);
    await desk.idle();
    deepEqual(answered(), 2);
  });
});
