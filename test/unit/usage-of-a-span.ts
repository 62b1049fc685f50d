import assert from 'node:assert/strict';
import { emptyMembership } from '../../core/state/membership.ts';
import type { State } from '../../core/state/state.ts';
import { tellsOf, usageRecords } from '../../core/state/usage-records.ts';
import { type Hash, type LogId, seconds } from '../../core/units.ts';
import { shortRoster, versionOf } from '../support/versions.ts';

const HOUR = 3600;
const NOON = 500_000 * HOUR;
const SPAN = { since: seconds(NOON), until: seconds(NOON + 2 * HOUR) };

describe('An hour of use tells of a span', () => {
  const cases: readonly [why: string, hour: number, quiet: number, expected: boolean][] = [
    ['that it lies in', NOON, 0, true],
    ['that begins before it is over', NOON - HOUR + 1, 0, true],
    ['not where it is over when that begins', NOON - HOUR, 0, false],
    ['that ends after it has begun', NOON + 2 * HOUR - 1, 0, true],
    ['not where it begins when that is over', NOON + 2 * HOUR, 0, false],
    ['that ends after its quiet hours have begun', NOON + 3 * HOUR, 2, true],
    ['not where its quiet hours begin when that is over', NOON + 3 * HOUR, 1, false],
  ];
  for (const [why, hour, quiet, expected] of cases) {
    it(why, () => assert.equal(tellsOf({ hour, quiet }, SPAN), expected));
  }
});

describe('The records of use', () => {
  // `a` began anew with log 5, `gone` is in no version any more, `ana` is a person.
  const before = shortRoster({ a: { logs: [1] }, b: { logs: [2] }, gone: { logs: [3] } });
  const now = shortRoster({ a: { logs: [5] }, b: { logs: [2] }, ana: { class: null, logs: [4] } });
  const versions = [versionOf(1, before), versionOf(2, now)];
  const usage = new Map(
    [1, 2, 3, 4, 5, 6].map((log) => [
      log,
      [0, 1].map((seq) => ({ log, seq, body: { hour: NOON, quiet: 0 } })),
    ]),
  );
  const state = {
    membership: { ...emptyMembership('00'.repeat(32) as Hash), versions },
    usage,
  } as unknown as State;
  const told = (more: Parameters<typeof usageRecords>[2] = {}) =>
    [...usageRecords(state, SPAN, more)].map(({ host, record: { log, seq } }) => `${host} ${log}/${seq}`);

  it('are those of every log that is or was a host’s, also under a key that it has no more', () => {
    assert.deepEqual(told(), [
      ...['a 1/0', 'a 1/1', 'b 2/0', 'b 2/1', 'gone 3/0', 'gone 3/1', 'a 5/0', 'a 5/1'],
    ]);
  });

  it('go on after any place, those of one log last', () => {
    const last = 2 as LogId;
    const all = told({ last });
    assert.deepEqual(all.slice(-2), ['b 2/0', 'b 2/1']);
    for (const [i, one] of all.entries()) {
      const [, log = 0, seq = 0] = (/(\d)\/(\d)/.exec(one) ?? []).map(Number);
      assert.deepEqual(told({ last, after: [log, seq] }), all.slice(i + 1));
    }
  });
});
