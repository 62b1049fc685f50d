import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { mayStart } from 'leasehold';
import { mayStart as inPage } from '../../core/start/browser.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { timeAuthority } from '../support/time-authority.ts';
import { type TimeServer, timeServer } from '../support/time-server.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/leasehold-start.js', import.meta.url));
const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const AsyncFunction = (async () => undefined).constructor as new (
  ...words: readonly string[]
) => (...given: readonly unknown[]) => Promise<void>;
const DAY = 86_400;
/** 2030-06-01T12:00:00Z. */
const NOON = 1_906_545_600;

async function withServer(work: (server: TimeServer) => Promise<void>): Promise<void> {
  const server = await timeServer(timeAuthority('main'), NOON);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** A page that has loaded the script, with clocks that a test moves, and what it has kept. */
async function openPage(server: TimeServer, kept: Map<string, string>) {
  const at = { timer: 0, wall: NOON * 1000 };
  const localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const clocks = { performance: { now: () => at.timer }, Date: { now: () => at.wall } };
  const page = createContext({
    ...{ crypto, fetch, TextDecoder, TextEncoder, AbortSignal, localStorage },
    ...clocks,
  });
  runInContext(await readFile(BUNDLE, 'utf8'), page);
  const relays = [{ url: server.url, key: server.key }];
  return {
    at,
    pass(days: number): void {
      at.timer += 1000 * days * DAY;
      at.wall += 1000 * days * DAY;
    },
    /** Whether it may start where it may be offline for so many days, why, and what it is warned of. */
    async ask(days: number): Promise<unknown> {
      const question = JSON.stringify({ period: { days: 30 }, relays, maxOffline: days * DAY });
      const code = `leasehold.mayStart({ ...${question}, storage: localStorage })`;
      const { allow, state, warnings } = await runInContext(code, page);
      return [allow, state, Array.from(warnings as { state: string }[], (warning) => warning.state)];
    },
  };
}

describe('the check of a period alone', () => {
  it('runs in a page: one script, WebCrypto, fetch and a storage, and nothing of Node', () =>
    withServer(async (server) => {
      const kept = new Map<string, string>();
      const localStorage = {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
      };
      const web = { crypto, fetch, performance, TextDecoder, TextEncoder, AbortSignal, localStorage };
      const page = createContext({ ...web });
      assert.equal(
        runInContext('typeof process + typeof require + typeof Buffer', page),
        'undefined'.repeat(3),
      );
      runInContext(await readFile(BUNDLE, 'utf8'), page);
      const relays = JSON.stringify([{ url: server.url, key: server.key }]);
      const ask = async () => {
        const code = `leasehold.mayStart({ period: { days: 30 }, relays: ${relays}, storage: localStorage })`;
        const { allow, end, state } = await runInContext(code, page);
        return [allow, end, state];
      };
      assert.deepEqual(await ask(), [true, NOON - 3 + 30 * DAY, 'open']);
      server.at = NOON + 31 * DAY;
      assert.deepEqual(await ask(), [false, null, 'expired']);
      server.at = NOON;
      assert.deepEqual(await ask(), [false, null, 'expired']);
    }));

  it('counts how long a page is open, and goes on from there in the next', () =>
    withServer(async (server) => {
      const kept = new Map<string, string>();
      const first = await openPage(server, kept);
      assert.deepEqual(await first.ask(60), [true, 'open', []]);
      await server.close();
      first.pass(29);
      assert.deepEqual(await first.ask(60), [true, 'expires-soon', ['expires-soon', 'offline']]);
      assert.deepEqual(await first.ask(28), [false, 'offline-too-long', []]);
      const second = await openPage(server, kept);
      second.pass(2);
      assert.deepEqual(await second.ask(60), [true, 'expires-soon', ['expires-soon', 'offline']]);
      assert.deepEqual(await second.ask(30), [false, 'offline-too-long', []]);
    }));

  it('ends in a page that stays open, whatever the wall clock does then', () =>
    withServer(async (server) => {
      const kept = new Map<string, string>();
      const page = await openPage(server, kept);
      await page.ask(60);
      await server.close();
      page.pass(31);
      assert.deepEqual(await page.ask(60), [false, 'expired', []]);
      page.at.wall = 0;
      assert.deepEqual(await page.ask(60), [false, 'expired', []]);
      assert.deepEqual(await (await openPage(server, kept)).ask(60), [false, 'expired', []]);
    }));

  it('may be bundled with a page that has modules, too', () =>
    withServer(async (server) => {
      const kept = new Map<string, string>();
      const storage = {
        getItem: async (key: string) => kept.get(key) ?? null,
        setItem: async (key: string, value: string) => void kept.set(key, value),
      };
      const relays = [{ url: server.url, key: server.key }];
      const { allow } = await inPage({
        storage,
        period: { from: '2030-01-01', until: '2030-12-31' },
        relays,
      });
      assert.equal(allow, true);
    }));

  it('runs as the README writes it, and throws what a user is told', () =>
    withTempDir((root) =>
      withServer(async (server) => {
        const [, written = ''] =
          /```ts\nimport \{ mayStart \} from 'leasehold';\n(.*?)```/s.exec(README) ?? [];
        const code = written
          .replace("'/var/lib/plotter'", JSON.stringify(join(root, 'plotter')))
          .replace('wss://relay.example', server.url)
          .replace('5f0c…', server.key);
        const warnings: string[] = [];
        const run = new AsyncFunction('mayStart', 'console', code);
        const start = () => run(mayStart, { warn: (sentence: string) => warnings.push(sentence) });
        await start();
        assert.deepEqual(warnings, []);
        server.at = NOON + 20 * DAY;
        await start();
        assert.match(warnings[0] ?? '', /^its period ends/);
        server.at = NOON + 31 * DAY;
        await assert.rejects(start(), /^Error: The plotter does not start: its period ended at 2030-07-01T/);
      }),
    ));

  it('runs in Node with a directory, which it makes, and goes on from what is there', () =>
    withTempDir((root) =>
      withServer(async (server) => {
        const directory = join(root, 'made', 'by', 'itself');
        const relays = [{ url: server.url, key: server.key }];
        const ask = () => mayStart({ directory, period: { days: 30 }, relays, timeout: 2 });
        assert.equal((await ask()).end, NOON - 3 + 30 * DAY);
        server.at = NOON + 31 * DAY;
        assert.equal((await ask()).state, 'expired');
        await server.close();
        assert.equal((await ask()).state, 'expired');
      }),
    ));
});
