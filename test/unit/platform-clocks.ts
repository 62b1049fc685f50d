import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { systemClock } from '../../core/adapters/clock-system.ts';
import { webClock } from '../../core/adapters/clock-web.ts';
import {
  elapse,
  emptyClock,
  evidence,
  type HostClock,
  now,
  restore,
  witness,
} from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { relayKey, testToken } from '../support/tokens.ts';

const T = 1_790_000_000;

/** A machine whose clocks a test moves. */
function machine() {
  const at = { uptime: 100, timer: 100, wall: T * 1000, bootId: 'b1\n' };
  const sources = {
    uptime: () => at.uptime,
    timer: () => at.timer,
    wall: () => at.wall,
    bootId: () => {
      if (at.bootId === '') throw new Error('ENOENT');
      return at.bootId;
    },
  };
  return { at, sources };
}

describe('the clock of a machine', () => {
  const platforms: readonly [NodeJS.Platform, counts: 'uptime' | 'timer', boot: string | null][] = [
    ['linux', 'uptime', 'b1'],
    ['win32', 'uptime', null],
    ['darwin', 'timer', null],
    ['freebsd', 'timer', null],
  ];
  for (const [platform, counts, boot] of platforms) {
    it(`runs on ${platform} by its ${counts}, ${boot === null ? 'without' : 'with'} a boot id`, () => {
      const { at, sources } = machine();
      const clock = systemClock(platform, sources);
      at[counts] = 175;
      deepStrictEqual([clock.running(), clock.boot()], [175, boot]);
    });

    it(`does not go back on ${platform}, nor with the wall clock`, () => {
      const { at, sources } = machine();
      const clock = systemClock(platform, sources);
      at[counts] = 175;
      clock.running();
      at[counts] = 174.99;
      at.wall -= 1e9;
      deepStrictEqual([clock.running(), clock.wall()], [175, T - 1e6]);
    });
  }

  it('counts the time asleep on Linux, where the timer stands still', () => {
    const { at, sources } = machine();
    const clock = systemClock('linux', sources);
    at.uptime += 3600;
    strictEqual(clock.running(), 3700);
  });

  for (const [why, bootId] of [
    ['has none, as in some containers', ''],
    ['is blank', ' \n'],
  ] as const) {
    it(`has no boot id where the kernel’s ${why}`, () => {
      const { at, sources } = machine();
      at.bootId = bootId;
      strictEqual(systemClock('linux', sources).boot(), null);
    });
  }

  it('is that of this very machine when nothing else is said', () => {
    const clock = systemClock();
    const first = clock.running();
    strictEqual(first > 0 && clock.running() >= first, true);
  });
});

describe('the clock of a page', () => {
  let pages = 0;
  const page = () => {
    const at = { timer: 5000, wall: T * 1000 };
    pages += 1;
    const random = { bytes: (length: number) => new Uint8Array(length).fill(pages) };
    const clock = webClock({ timer: () => at.timer, wall: () => at.wall }, random);
    return { at, clock };
  };
  const told = (clock: ReturnType<typeof page>['clock'], host: HostClock = emptyClock()) => {
    const [at, boot] = [clock.running(), clock.boot()];
    return witness(host, { token: testToken(relayKey(1), T), sentAt: at, receivedAt: at, boot });
  };
  const view = (clock: ReturnType<typeof page>['clock'], host: HostClock) => {
    const running = clock.running();
    return now(host, { running, boot: clock.boot(), wall: clock.wall(), liars: 0, rtc: false });
  };
  const pass = (at: { timer: number; wall: number }, span: number) => {
    at.timer += span * 1000;
    at.wall += span * 1000;
  };

  it('has an interval as long as the page lives', () => {
    const { at, clock } = page();
    const host = told(clock);
    pass(at, 1000);
    const { lower, upper, offlineAge } = view(clock, host);
    deepStrictEqual([lower, upper, offlineAge], [T - 3 + 999, T + 3 + 1001, 1000]);
  });

  it('drops the upper bound, and nothing else, when the machine has slept', () => {
    const { at, clock } = page();
    const host = told(clock);
    pass(at, 1000);
    const before = now(host, {
      running: clock.running(),
      boot: clock.boot(),
      wall: seconds(0),
      liars: 0,
      rtc: false,
    });
    const noted = restore(evidence({ ...host, seen: clock.running() }));
    at.wall += 3_600_000;
    const { lower, upper, offlineAge } = view(clock, noted);
    deepStrictEqual([lower, upper, offlineAge], [before.lower, null, 1000]);
  });

  for (const [why, span] of [
    ['forward', 1e9],
    ['back', -1e9],
  ] as const) {
    it(`gives whoever moves the wall clock ${why} no other time`, () => {
      const { at, clock } = page();
      const host = told(clock);
      at.wall += span * 1000;
      const { lower, upper, offlineAge } = view(clock, host);
      deepStrictEqual([lower, upper, offlineAge], [T - 3, null, 0]);
    });
  }

  it('counts on towards the offline age while the wall clock is moved to and fro', () => {
    const { at, clock } = page();
    let host = told(clock);
    for (let i = 1; i <= 4; i++) {
      pass(at, 100);
      at.wall += i % 2 === 0 ? 1e9 : -1e9;
      const running = clock.running();
      host = elapse(host, running, clock.boot());
      deepStrictEqual([view(clock, host).offlineAge, running], [100 * i, 100]);
    }
  });

  it('keeps lower bounds over a reload, which is another boot', () => {
    const first = page();
    const host = told(first.clock);
    pass(first.at, 1000);
    const noted = restore(evidence({ ...host, seen: first.clock.running() }));
    const second = page();
    pass(second.at, 10);
    strictEqual(first.clock.boot() === second.clock.boot(), false);
    const { lower, upper, offlineAge } = view(second.clock, noted);
    deepStrictEqual([lower, upper, offlineAge], [T - 3 + 999, null, 1000 + 5 + 10]);
  });
});
