import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import {
  elapse,
  emptyClock,
  evidence,
  forget,
  type HostClock,
  MAX_DRIFT,
  now,
  restore,
  type TimeReading,
  type TimeView,
  witness,
} from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { relayKey, testToken } from '../support/tokens.ts';

const T = 1_790_000_000;
const [R1, R2, R3] = [relayKey(1), relayKey(2), relayKey(3)];

const fresh = (
  relay: typeof R1,
  midpoint: number,
  sentAt: number,
  receivedAt = sentAt,
  boot: string | null = 'a',
) => ({
  token: testToken(relay, midpoint),
  sentAt: seconds(sentAt),
  receivedAt: seconds(receivedAt),
  boot,
});
const passive = (relay: typeof R1, midpoint: number, at: number, boot: string | null = 'a') => ({
  token: testToken(relay, midpoint),
  passive: true as const,
  at: seconds(at),
  boot,
});
const read = (clock: HostClock, running: number, other: Partial<TimeReading> = {}): TimeView =>
  now(clock, { running: seconds(running), boot: 'a', wall: seconds(0), liars: 0, rtc: false, ...other });
const all = (...seen: readonly Parameters<typeof witness>[1][]) => seen.reduce(witness, emptyClock());
const round = (view: TimeView) => ({
  lower: view.lower === null ? null : Math.round((view.lower - T) * 1000) / 1000,
  upper: view.upper === null ? null : Math.round((view.upper - T) * 1000) / 1000,
  offlineAge: view.offlineAge,
});

describe('a clock', () => {
  it('knows nothing without evidence', () => {
    deepStrictEqual(read(emptyClock(), 5, { rtc: true, wall: seconds(T) }), {
      lower: null,
      upper: null,
      offlineAge: Number.POSITIVE_INFINITY,
      conflict: false,
    });
  });

  it('counts the lower bound from receiving and the upper bound from sending', () => {
    const clock = all(fresh(R1, T, 100, 110));
    deepStrictEqual(round(read(clock, 110)), { lower: -3, upper: 13.01, offlineAge: 0 });
  });

  it('widens by the drift as time goes on', () => {
    const clock = all(fresh(R1, T, 100, 100));
    deepStrictEqual(round(read(clock, 1100)), {
      lower: -3 + 1000 * (1 - MAX_DRIFT),
      upper: 1004,
      offlineAge: 1000,
    });
  });

  it('counts the offline age from the last answer, in whatever order answers come', () => {
    strictEqual(read(all(fresh(R1, T + 100, 200), fresh(R1, T, 100)), 250).offlineAge, 50);
  });

  it('takes an answer that was held back as a passive token', () => {
    const late = all(fresh(R1, T, 100, 115.5));
    deepStrictEqual(round(read(late, 115.5)), {
      lower: -3,
      upper: null,
      offlineAge: Number.POSITIVE_INFINITY,
    });
    strictEqual(read(all(fresh(R1, T, 100, 115)), 115).offlineAge, 0);
    strictEqual(read(all(fresh(R1, T, 100, 99)), 100).upper, null);
  });

  it('raises the lower bound only, by a token from elsewhere', () => {
    const before = all(fresh(R1, T, 100));
    const view = read(witness(before, passive(R1, T + 50, 120)), 120);
    deepStrictEqual([view.lower, view.upper, view.offlineAge], [T + 47, read(before, 120).upper, 20]);
  });

  it('is not set back by an older token', () => {
    const clock = all(fresh(R1, T, 100));
    deepStrictEqual(read(witness(clock, passive(R1, T - 5000, 120)), 120), read(clock, 120));
  });

  it('keeps lower bounds over a reboot, with what elapsed before it, and no upper bound', () => {
    const clock = all(fresh(R1, T, 100), passive(R1, T + 10, 500));
    deepStrictEqual(round(read(clock, 500)), {
      lower: -3 + 400 * (1 - MAX_DRIFT),
      upper: 403.4,
      offlineAge: 400,
    });
    deepStrictEqual(round(read(clock, 20, { boot: 'b' })), {
      lower: -3 + 400 * (1 - MAX_DRIFT),
      upper: null,
      offlineAge: 420,
    });
  });

  it('does not carry a bound of one boot on in another', () => {
    const view = read(all(fresh(R1, T, 100)), 900, { boot: 'b' });
    deepStrictEqual(round(view), { lower: -3, upper: null, offlineAge: 900 });
  });

  it('adds up the offline age over reboots', () => {
    let clock = all(fresh(R1, T, 100));
    clock = elapse(clock, seconds(1100), 'a');
    clock = elapse(clock, seconds(5), 'b');
    clock = elapse(clock, seconds(2000), 'b');
    strictEqual(read(clock, 30, { boot: 'c' }).offlineAge, 3030);
    strictEqual(read(witness(clock, fresh(R1, T + 9000, 40, 40, 'c')), 45, { boot: 'c' }).offlineAge, 5);
  });

  it('does not let the running time go back within a boot', () => {
    const clock = elapse(all(fresh(R1, T, 100)), seconds(1100), 'a');
    deepStrictEqual(read(clock, 50), read(clock, 1100));
  });
});

describe('a clock with relays that may lie', () => {
  const honest = [fresh(R1, T, 100), fresh(R2, T + 1, 100)];
  const views = (lie: number) => read(all(...honest, fresh(R3, lie, 100)), 100, { liars: 1 });

  it('takes the second largest lower and the second smallest upper bound where one may lie', () => {
    deepStrictEqual(round(views(T + 1e9)), { lower: -2, upper: 4, offlineAge: 0 });
    deepStrictEqual(round(views(T - 1e9)), { lower: -3, upper: 3, offlineAge: 0 });
  });

  it('says nothing on the word of as many relays as may lie', () => {
    deepStrictEqual(round(read(all(fresh(R1, T, 100)), 100, { liars: 1 })), {
      lower: null,
      upper: null,
      offlineAge: Number.POSITIVE_INFINITY,
    });
  });

  it('is not kept from noticing that it is offline by one relay that goes on answering', () => {
    const clock = all(...honest, fresh(R3, T, 5000));
    strictEqual(read(clock, 5000, { liars: 1 }).offlineAge, 4900);
  });

  it('reports a conflict when the bounds exclude each other', () => {
    const clock = all(fresh(R1, T, 100), fresh(R2, T + 7, 100));
    strictEqual(read(clock, 100).conflict, true);
    strictEqual(read(all(fresh(R1, T, 100), fresh(R2, T + 6, 100)), 100).conflict, false);
  });

  it('forgets a relay that said the year 9999', () => {
    const clock = all(fresh(R1, T, 100), passive(R2, 253_370_764_800, 100));
    strictEqual(read(clock, 100).conflict, true);
    deepStrictEqual(read(forget(clock, R2), 100), read(all(fresh(R1, T, 100)), 100));
  });
});

describe('the wall clock', () => {
  const clock = all(passive(R1, T, 100));
  const wall = seconds(T + 500);

  it('is no upper bound where the class does not say so', () => {
    strictEqual(read(clock, 100, { wall }).upper, null);
  });

  it('is an upper bound offline where the class says so, never below the lower bound', () => {
    strictEqual(read(clock, 100, { wall, rtc: true }).upper, wall);
    strictEqual(read(clock, 100, { wall: seconds(T - 500), rtc: true }).upper, T - 3);
  });

  it('does not replace an upper bound that a relay signed', () => {
    strictEqual(read(all(fresh(R1, T, 100)), 100, { wall, rtc: true }).upper, T + 3);
  });
});

describe('stored evidence', () => {
  const clock = elapse(
    all(
      fresh(R1, T - 9000, 10, 10, 'z'),
      fresh(R1, T, 100),
      passive(R1, T + 50, 120),
      fresh(R2, T + 300, 400, 412),
      passive(R3, T, 1),
    ),
    seconds(1000),
    'a',
  );

  it('gives the same clock again within the boot, and after another', () => {
    const again = restore(evidence(clock));
    for (const liars of [0, 1, 2]) {
      deepStrictEqual(read(again, 1200, { liars }), read(clock, 1200, { liars }));
      deepStrictEqual(read(again, 7, { liars, boot: 'b' }), read(clock, 7, { liars, boot: 'b' }));
    }
  });

  it('keeps the offline age of answers from an earlier boot', () => {
    const later = elapse(clock, seconds(50), 'b');
    strictEqual(read(later, 60, { boot: 'b' }).offlineAge, 1000 - 412 + 60);
    strictEqual(read(restore(evidence(later)), 60, { boot: 'b' }).offlineAge, 1000 - 412 + 60);
  });

  it('is at most four tokens for a relay', () => {
    let many = emptyClock();
    for (let i = 0; i < 100; i++) many = witness(many, fresh(R1, T + i * 7, i * 10, i * 10 + (i % 13)));
    strictEqual(evidence(many).witnesses.length <= 4, true);
  });

  it('is anchored to nothing where boots have no id, and the offline age goes on', () => {
    const unnamed = all(fresh(R1, T, 100, 100, null));
    strictEqual(round(read(unnamed, 150, { boot: null })).upper, 53.05);
    const again = restore(evidence(elapse(unnamed, seconds(200), null)));
    const lower = -3 + 100 * (1 - MAX_DRIFT);
    deepStrictEqual(round(read(again, 260, { boot: null })), { lower, upper: null, offlineAge: 160 });
    deepStrictEqual(round(read(again, 30, { boot: null })), { lower, upper: null, offlineAge: 130 });
  });
});
