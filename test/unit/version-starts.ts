import assert from 'node:assert/strict';
import { versionStarts } from '../../core/state/reports/version-starts.ts';
import type { State } from '../../core/state/state.ts';
import { type LogId, seconds } from '../../core/units.ts';

const HOUR = 3600;
const NOON = 500_000 * HOUR;

/** What stands in a log, in order: an hour of use, a host's word that it applied a version, or its ack. */
type Entry =
  | { readonly hour: number }
  | { readonly applied: number; readonly at?: number }
  | { readonly ack: number };

/** A state of versions from 2 on, each governing from noon plus ten hours for each, in which these logs stand; each is a voter's. */
function realm(logs: readonly (readonly Entry[])[], { liars = 0, versions = 3 } = {}): State {
  const members = new Map(
    logs.map((_, i) => [
      `ws${i}`,
      { id: `ws${i}`, kind: 'host', roles: ['voter'], logs: [{ log: i + 1, key: 'k' }] },
    ]),
  );
  const policy = { liars, classes: new Map([['office', { term: HOUR }]]) };
  const records = logs.map((entries, i) =>
    entries.map((entry, seq) => {
      const place = { log: i + 1, seq, key: 'k' };
      if ('hour' in entry) return { ...place, type: 'usage', body: { hour: entry.hour } };
      if ('ack' in entry)
        return { ...place, type: 'ack', body: { version: entry.ack, candidate: `v${entry.ack}` } };
      const { applied, at } = entry;
      const body = { version: applied, candidate: `v${applied}`, ...(at === undefined ? {} : { at }) };
      return { ...place, type: 'applied', body };
    }),
  );
  const byLog = (type?: string) =>
    new Map(records.map((all, i) => [i + 1, all.filter((one) => type === undefined || one.type === type)]));
  const acks = new Map<number, unknown[]>();
  for (const record of records.flat()) {
    const { type, body } = record as { type: string; body: { version: number } };
    if (type === 'ack') acks.set(body.version, [...(acks.get(body.version) ?? []), record]);
  }
  return {
    ledger: { logs: byLog() },
    usage: byLog('usage'),
    membership: {
      evidence: { acks },
      versions: Array.from({ length: versions }, (_, i) => ({
        ...{ version: i + 1, id: `v${i + 1}`, roster: { members, policy } },
        firstTerms: new Map([['office', NOON / HOUR + 10 * i]]),
      })),
    },
  } as unknown as State;
}

/** Seconds from noon at which versions 2 and 3 came into force. */
function starts(logs: readonly (readonly Entry[])[], { liars = 0, upper = 99 * HOUR } = {}) {
  const [, second, third] = versionStarts(realm(logs, { liars }), seconds(NOON + upper));
  return [(second ?? 0) - NOON, (third ?? 0) - NOON];
}

const two = { applied: 2 };
const three = { applied: 3 };
const at = (instant: number) => ({ at: NOON + instant });
const hour = (instant: number) => ({ hour: NOON + instant * HOUR });

describe('When a version came into force', () => {
  const cases: readonly [why: string, logs: readonly (readonly Entry[])[], expected: readonly number[]][] = [
    [
      'is the instant that a host states',
      [
        [
          { ...two, ...at(100) },
          { ...three, ...at(9000) },
        ],
      ],
      [100, 9000],
    ],
    [
      'is the earliest that any host states',
      [[{ ...two, ...at(700) }], [{ ...two, ...at(300) }], [{ ...three, ...at(800) }]],
      [300, 800],
    ],
    [
      'is the hour of use that was signed next where no instant is stated',
      [[two, hour(1), three, hour(5)]],
      [HOUR, 5 * HOUR],
    ],
    [
      'is the hour after the last that was signed where none followed yet',
      [[hour(0), two, hour(1), three]],
      [HOUR, 2 * HOUR],
    ],
    [
      'is taken from who states it before who does not',
      [[two, hour(0)], [{ ...two, ...at(5000) }]],
      [5000, 20 * HOUR],
    ],
    ['is the first term that it governs where no host applied it', [[]], [10 * HOUR, 20 * HOUR]],
    [
      'is not ahead of the time of who reads it, whatever a host states',
      [[{ ...two, ...at(100 * HOUR) }, hour(3), { ...three, ...at(9 * HOUR) }]],
      [3 * HOUR, 9 * HOUR],
    ],
    [
      'is not after the next version was applied, whatever a host states',
      [[{ ...two, ...at(90 * HOUR) }], [{ ...three, ...at(200) }]],
      [200, 200],
    ],
    [
      'is not before the hours of use that the same host had signed',
      [[hour(4), { ...two, ...at(60) }]],
      [5 * HOUR, 20 * HOUR],
    ],
    [
      'is not before a quorum can have acknowledged it, by the hours in the logs of voters',
      [[{ ...two, ...at(-900_000) }], [hour(6), { ack: 2 }], [hour(2), { ack: 2 }]],
      [7 * HOUR, 20 * HOUR],
    ],
    [
      'is not put off by a voter who acknowledged it later than a quorum had',
      [[{ ack: 2 }, { ...two, ...at(100) }], [{ ack: 2 }], [hour(50), { ack: 2 }]],
      [100, 20 * HOUR],
    ],
    [
      'is never before that of the version before it',
      [[{ ...two, ...at(5000) }], [{ ...three, ...at(4000) }]],
      [4000, 4000],
    ],
    [
      'is never before that of the version before it where hours alone tell',
      [
        [two, hour(5)],
        [three, hour(3)],
      ],
      [5 * HOUR, 5 * HOUR],
    ],
  ];
  for (const [why, logs, expected] of cases) {
    it(why, () => assert.deepEqual(starts(logs), expected));
  }

  it('is believed as stated by who does not know the time', () => {
    const [, second] = versionStarts(realm([[{ ...two, ...at(100 * HOUR) }]]), null);
    assert.equal(second, NOON + 100 * HOUR);
  });

  it('is not put off by hours that a voter made up, where one may lie', () => {
    const voter = (hours: number): readonly Entry[] => [hour(hours), { ack: 2 }];
    const logs = [[{ ...two, ...at(3 * HOUR) }], voter(90), voter(1), voter(1)];
    assert.deepEqual(starts(logs, { liars: 1 })[0], 3 * HOUR);
    assert.deepEqual(starts(logs, { liars: 0 })[0], 91 * HOUR);
  });

  it('does not count the acknowledgement of a log that is no voter of the version before', () => {
    const state = realm([[{ ...two, ...at(60) }], [hour(6), { ack: 2 }]]);
    state.ledger.logs.delete(2 as LogId);
    for (const acks of state.membership.evidence.acks.values())
      for (const ack of acks) Object.assign(ack, { key: 'another' });
    assert.equal(versionStarts(state, null)[1], NOON + 60);
  });
});
