import assert from 'node:assert/strict';
import type { Check } from '../../core/cli/check.ts';
import { examine, type Facts } from '../../core/cli/doctor-checks.ts';
import { finds, UNSIGNED, WELL, waitsFor, withRelay, withStatus } from '../support/doctor-facts.ts';
import { QUIET, REVOKED } from '../support/fake-agent.ts';
import { NOW } from '../support/fake-io.ts';

describe('what doctor looks at in a realm', () => {
  const cases: readonly [why: string, facts: Facts, name: string, state: Check['state'], said: RegExp][] = [
    [
      'the revocation of another',
      withStatus({ restricted: [REVOKED] }),
      'members',
      'poor',
      /ws02 is revoked by lab-3/,
    ],
    [
      'an unreachable relay, and since when',
      withRelay({ state: 'disconnected', detail: 'ECONNREFUSED', since: NOW - 3600 }),
      'relay',
      'bad',
      /cannot be reached since 16:46 UTC \(ECONNREFUSED\)/,
    ],
    [
      'a relay that refuses the realm',
      withRelay({ state: 'refused', detail: 'the relay does not serve this room' }),
      'relay',
      'bad',
      /refuses this host .*does not serve this room/,
    ],
    [
      'a relay that signs time under another key',
      withRelay({ time: 'wrong', timeDetail: 'it signs time under the key ab' }),
      'relay',
      'bad',
      /signs time under the key ab/,
    ],
    [
      'a relay that answers and lets nobody in',
      withRelay({ state: 'connected', since: NOW - 60 }),
      'relay',
      'bad',
      /does not let this host in/,
    ],
    ['no relay', withStatus({ relays: [] }), 'relay', 'poor', /none is known/],
    [
      'a relay that has had its time to sign',
      withRelay({ time: 'waiting', since: NOW - 60 }, UNSIGNED),
      'time',
      'bad',
      /no relay has signed .*nothing can be leased/,
    ],
    [
      'relays of which the realm names no key',
      withRelay({ time: 'unasked' }, UNSIGNED),
      'time',
      'bad',
      /names no key/,
    ],
    [
      'a relay, without an agent, that refuses',
      {
        ...WELL,
        status: null,
        knocked: [{ url: 'wss://r', found: { kind: 'refuses', why: 'no such room' } }],
      },
      'relay',
      'bad',
      /wss:\/\/r refuses: no such room/,
    ],
    [
      'a relay, without an agent, of another key',
      { ...WELL, status: null, knocked: [{ url: 'wss://r', found: { kind: 'other-key', key: null } }] },
      'relay',
      'bad',
      /signs no time, not under/,
    ],
    [
      'no signed time',
      withStatus({ time: { ...QUIET.time, lower: null } }),
      'time',
      'bad',
      /no relay has signed/,
    ],
    [
      'relays that contradict each other',
      withStatus({ time: { ...QUIET.time, conflict: true } }),
      'time',
      'bad',
      /contradict/,
    ],
    [
      'too long offline',
      withStatus({ time: { ...QUIET.time, offlineAge: 4_000_000 } }),
      'time',
      'bad',
      /offline for too long/,
    ],
    [
      'a local clock that is off',
      withStatus({ time: { ...QUIET.time, wall: 1_899_990_000 } }),
      'time',
      'poor',
      /-2h off/,
    ],
    [
      'an alarm',
      withStatus({ alarms: [{ code: 'fork', text: 'ws01 has forked' }] }),
      'alarm',
      'bad',
      /ws01 has forked/,
    ],
  ];
  for (const [why, facts, name, state, said] of cases) {
    it(`finds ${why}, and says what to do`, () => finds(facts, name, state, said));
  }

  const waiting: readonly [why: string, facts: Facts, name: string, said: RegExp][] = [
    [
      'signed time, where the relay has just been asked',
      withRelay({ state: 'connected', time: 'waiting', since: NOW - 2 }, UNSIGNED),
      'time',
      /just been asked/,
    ],
    [
      'a relay that has just been called',
      withRelay({ state: 'connecting', since: NOW - 2 }),
      'relay',
      /not reached yet/,
    ],
    [
      'the comparison of its log',
      withStatus({ alarms: [{ code: 'not-compared', text: 'no relay has shown it' }] }),
      'votes',
      /no relay has shown it/,
    ],
  ];
  for (const [why, facts, name, said] of waiting) {
    it(`waits for ${why}, and calls nothing wrong`, () => waitsFor(facts, name, said));
  }

  it('names what ends or has ended, without calling the host broken, and what is left offline as a date', () => {
    const row = { feature: 'sim.pro', allow: true, changesAt: null } as const;
    const time = { ...QUIET.time, offlineAge: 7200, graceEnd: 1_903_880_000 };
    const checks = examine(
      withStatus({
        time,
        periods: [
          { ...row, state: 'expires-soon', sentence: 'its period ends soon' },
          { ...row, state: 'expired', sentence: 'its period ended' },
          { ...row, state: 'not-started', sentence: 'its period starts' },
          { ...row, state: 'not-set-up', sentence: 'it waits' },
        ],
      }),
    );
    const periods = checks.filter(({ name }) => name === 'period').map(({ state }) => state);
    assert.deepEqual(periods, ['poor', 'poor', 'good', 'waits']);
    const said = checks.find(({ name }) => name === 'time');
    assert.equal(said?.state, 'poor');
    assert.match(said?.text ?? '', /no relay has answered for 2h; leases go on until 2030-05-01 15:33 UTC/);
  });

  it('finds nothing wrong on a host that has just joined, whose class nobody has certified yet', () => {
    const time = { ...QUIET.time, maxOffline: 0 };
    const alarms = [{ code: 'not-a-member', text: 'joined by invitation' }];
    const checks = examine(withStatus({ join: { state: 'kept' }, time, alarms, host: null }));
    assert.deepEqual(
      checks.filter(({ state }) => state === 'bad' || state === 'poor'),
      [],
    );
    assert.equal(checks.find(({ name }) => name === 'time')?.text, 'signed');
  });
});
