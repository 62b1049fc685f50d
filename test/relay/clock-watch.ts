import { deepEqual, equal } from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { systemClock } from '../../core/adapters/clock-system.ts';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { decodeResponse, UNSYNCHRONISED } from '../../core/wire/roughtime-response.ts';
import { type AskSystem, watchClock } from '../../relay/clock-watch.ts';
import { newCounts } from '../../relay/counts.ts';
import { startTime } from '../../relay/time-service.ts';
import { newDirectory } from '../support/relay-server.ts';
import { timeRequest } from '../support/time-clients.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A watch over a system that says one thing after another; `next` lets it look again. */
async function watching(...words: readonly (string | Error)[]) {
  const left = [...words];
  let look: () => void = () => undefined;
  const watch = await watchClock(
    async () => {
      const word = left.shift() ?? '';
      if (typeof word !== 'string') throw word;
      return word;
    },
    (work) => {
      look = work;
      return () => {
        look = () => undefined;
      };
    },
  );
  return {
    watch,
    async next() {
      look();
      await turn();
      return watch.synchronised();
    },
  };
}

describe('a clock that the system vouches for', () => {
  const table: readonly [word: string | Error, synchronised: boolean][] = [
    ['NTPSynchronized=yes\n', true],
    ['NTPSynchronized=no\n', false],
    ['', false],
    ['NTPSynchronized=yes\nNTP=no\n', false],
    ['Failed to query server', false],
    [new Error('no such program'), false],
  ];
  for (const [word, synchronised] of table) {
    it(`is ${synchronised ? '' : 'not '}synchronised when the system says ${JSON.stringify(String(word))}`, async () => {
      equal((await watching(word)).watch.synchronised(), synchronised);
    });
  }

  it('is what it was last said to be, and not synchronised once nothing is said', async () => {
    const yes = 'NTPSynchronized=yes';
    const { next, watch } = await watching('NTPSynchronized=no', yes, new Error('timed out'), yes);
    deepEqual([await next(), await next(), await next()], [true, false, true]);
    watch.stop();
    equal(await next(), true);
  });

  it('is asked for once at a time', async () => {
    let asked = 0;
    let look: () => void = () => undefined;
    let first = true;
    const ask: AskSystem = () => {
      asked += 1;
      if (!first) return new Promise(() => undefined);
      first = false;
      return Promise.resolve('NTPSynchronized=yes');
    };
    await watchClock(ask, (work) => {
      look = work;
      return () => undefined;
    });
    look();
    look();
    equal(asked, 2);
  });

  it('is asked for at timedatectl, and no answer of it is a no', async () => {
    const directory = await newDirectory();
    const path = process.env.PATH ?? '';
    const said = async (script: string) => {
      await writeFile(join(directory.path, 'timedatectl'), `#!/bin/sh\n${script}\n`);
      await chmod(join(directory.path, 'timedatectl'), 0o755);
      const watch = await watchClock();
      watch.stop();
      return watch.synchronised();
    };
    try {
      process.env.PATH = `${directory.path}${delimiter}${path}`;
      equal(await said('[ "$*" = "show --property=NTPSynchronized" ] && echo NTPSynchronized=yes'), true);
      equal(await said('echo NTPSynchronized=no'), false);
      equal(await said('echo NTPSynchronized=yes; exit 1'), false);
    } finally {
      process.env.PATH = path;
      await directory.remove();
    }
  });

  it('shows in the radius of what is signed, unless the operator vouches for it himself', async () => {
    const directory = await newDirectory();
    for (const [time, word, unsynchronised] of [
      ['timedatectl', 'NTPSynchronized=no', true],
      ['timedatectl', 'NTPSynchronized=yes', false],
      ['system', 'NTPSynchronized=no', false],
    ] as const) {
      const service = await startTime({
        config: {
          ...{ 'data-dir': directory.path, 'time-mark': null, time },
          ...{ 'time-interop': 'off', 'time-grease': 0 },
        },
        ...{ store: memoryStore(), clock: systemClock(), counts: newCounts() },
        askSystem: async () => word,
      });
      const [answer] = await service.keeper.answer([timeRequest(1)]);
      service.stop();
      const response = decodeResponse(answer ?? new Uint8Array(0));
      equal(response.ok && response.value.signed.radius === UNSYNCHRONISED, unsynchronised);
      equal(service.synchronised(), !unsynchronised);
    }
    await directory.remove();
  });
});
