import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { loadHostTime } from '../../core/runtime/host-time.ts';
import { emptyClock, now, type Witness, witness } from '../../core/state/clock.ts';
import { seconds } from '../../core/units.ts';
import { relayKey, testToken } from '../support/tokens.ts';
import { live } from './clock-laws.ts';
import { history } from './clock-machine.ts';

const HISTORIES = Number(process.env.CLOCK_HISTORIES ?? 1000);

const T = 1_790_000_000;
const BOOT = 'a';

/** Tokens of one boot: [relay, what its time is off by, sent at, taken to answer], the last null for a passive one. */
const told = fc.array(
  fc.tuple(
    fc.nat(4),
    fc.integer({ min: -1e8, max: 1e8 }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.option(fc.double({ min: 0, max: 20, noNaN: true })),
  ),
  { maxLength: 20 },
);

describe('the interval of now', () => {
  it('keeps every law over any history, whatever f of 2f + 1 relays say', () =>
    fc.assert(
      fc.asyncProperty(history, (given) => live({ load: loadHostTime, countsSuspend: true }, given)),
      { numRuns: HISTORIES },
    )).timeout(0);

  it('does not depend on the order in which the tokens of a boot come, nor on how often', () => {
    fc.assert(
      fc.property(told, fc.nat(2), fc.infiniteStream(fc.nat()), (all, liars, order) => {
        const seen = all.map(([relay, error, sent, took]): Witness => {
          const at = seconds(sent);
          const token = testToken(relayKey(relay), T + sent + error);
          if (took === null) return { token, passive: true, at, boot: BOOT };
          return { token, sentAt: at, receivedAt: seconds(sent + took), boot: BOOT };
        });
        const again = [...seen, ...seen]
          .map((what) => ({ what, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ what }) => what);
        const [once, often] = [seen, again].map((list) =>
          now(list.reduce(witness, emptyClock()), {
            ...{ running: seconds(2e6), boot: BOOT, wall: seconds(0) },
            ...{ liars, rtc: false },
          }),
        );
        deepStrictEqual(often, once);
      }),
      { numRuns: HISTORIES },
    );
  });
});
