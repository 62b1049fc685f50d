import assert from 'node:assert/strict';
import { previewUsage } from '../../core/decide/preview.ts';
import { compile } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { UsageDenial, UsageLog, UsageSession } from '../../core/state/usage.ts';
import { type Hash, type LogId, type PrincipalId, type PublicKey, seconds } from '../../core/units.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

/** 2030-06-01, within the periods of the test registry. */
const T = 1_906_545_600;
const DAY = 86_400;

function session(
  user: string,
  host: string,
  from: number,
  until: number,
  feature = 'ray-batch',
): UsageSession {
  return { host: host as PrincipalId, feature, user, from: seconds(T + from), until: seconds(T + until) };
}
function denial(user: string, host: string, at: number, feature = 'ray-batch'): UsageDenial {
  return { host: host as PrincipalId, feature, user, at: seconds(T + at), reason: 'no-seat' };
}
function past(sessions: readonly UsageSession[], denials: readonly UsageDenial[] = []): UsageLog {
  return { sessions, denials, covered: new Map(), lost: 0 };
}

/** What becomes of a past under the small registry with a change; `later` shifts periods. */
function preview(
  usage: UsageLog,
  change: (registry: Registry) => void = () => undefined,
  later = 0,
  since = T,
) {
  const registry = smallRegistry();
  change(registry);
  const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;
  const on = { realm: 'aa'.repeat(32) as Hash, version: 2, parent: 'bb'.repeat(32) as Hash };
  const compiled = compile({ registry, ...on, parentRoster: null, keyOf });
  assert(compiled.ok, JSON.stringify(compiled));
  const question = { usage, since: seconds(since), later: seconds(later) };
  return previewUsage({ configuration: compiled.value, ...question });
}
const seats = (count: number) => (registry: Registry) => {
  registry.features['ray-batch'] = { name: 'Batch', software: 'raytracer', seats: count };
  registry.reservations = {};
};
const rule = (entry: Registry['rules'][string], count: number) => (registry: Registry) => {
  seats(count)(registry);
  registry.rules.tried = entry;
};
const told = ({ denials }: ReturnType<typeof previewUsage>) =>
  denials.map(({ feature, granted, reason, refused, user }) => [feature, user, reason, granted, refused]);

describe('A preview', () => {
  it('counts what was granted and refused, and denies nothing that the draft allows', () => {
    const { denials, granted, refused, relieved } = preview(
      past([session('ana', 'ws01', 0, 100), session('bo', 'ws02', 50, 100)]),
    );
    assert.deepEqual(
      { denials, granted, refused, relieved },
      { denials: [], granted: 2, refused: 0, relieved: [] },
    );
  });

  it('denies whoever would have found all seats of the realm taken, and says by whom', () => {
    const { denials } = preview(
      past([
        session('ana', 'ws01', 0, 100),
        session('cy', 'ws02', 10, 20),
        session('bo', 'ws02', 50, 100),
        session('bo', 'ws02', 60, 70),
        session('cy', 'ws01', 100, 120),
      ]),
      seats(1),
    );
    assert.deepEqual(
      denials.map(({ detail: _, ...denied }) => denied),
      [
        {
          ...{ feature: 'ray-batch', user: 'bo', reason: 'no-seat', granted: 2, refused: 0 },
          ...{ first: T + 50, last: T + 60, hosts: ['ws02'] },
          holders: [{ user: 'ana', host: 'ws01', times: 2 }],
        },
        {
          ...{ feature: 'ray-batch', user: 'cy', reason: 'no-seat', granted: 1, refused: 0 },
          ...{ first: T + 10, last: T + 10, hosts: ['ws02'] },
          holders: [{ user: 'ana', host: 'ws01', times: 1 }],
        },
      ],
    );
  });

  it('gives a seat on at the instant at which it is given back', () => {
    const { denials } = preview(
      past([session('ana', 'ws01', 0, 50), session('bo', 'ws02', 50, 60), session('cy', 'ws01', 60, 60)]),
      seats(1),
    );
    assert.deepEqual(denials, []);
  });

  it('lets who was denied hold no seat', () => {
    const usage = past([session('dee', 'ws01', 0, 100), session('ana', 'ws01', 10, 20)]);
    const result = preview(usage, rule({ feature: 'ray-batch', deny: { people: ['dee'] } }, 1));
    assert.deepEqual(told(result), [['ray-batch', 'dee', 'user-not-entitled', 1, 0]]);
  });

  const reasons: readonly [why: string, change: (registry: Registry) => void, expected: string][] = [
    ['a feature that is gone', (r) => gone(r), 'unknown-feature'],
    ['a user who is gone', ({ people }) => delete people.dee, 'unknown-user'],
    [
      'a host that is gone',
      ({ groups, hosts }) => {
        delete hosts.ws02;
        groups.designers = { name: 'Designers', members: ['ana', 'bo'] };
      },
      'unknown-class',
    ],
    [
      'a host that a rule denies',
      rule({ feature: 'ray-batch', deny: { hosts: ['ws02'] } }, 5),
      'host-not-entitled',
    ],
    ['the max of a rule', rule({ feature: 'ray-batch', max: 0 }, 5), 'limit-reached'],
    ['a period that is over', ({ periods }) => ended(periods, '2030-05-01'), 'expired'],
  ];
  for (const [why, change, expected] of reasons) {
    it(`denies for ${why}`, () => {
      const { denials } = preview(past([session('dee', 'ws02', 0, 10)]), change);
      assert.deepEqual(
        denials.map(({ reason }) => reason),
        [expected],
      );
    });
  }

  it('looks at periods as if the use came again later', () => {
    const usage = past([session('dee', 'ws02', 0, 10), session('dee', 'ws02', 20 * DAY, 20 * DAY + 10)]);
    const until = (registry: Registry) => ended(registry.periods, '2030-07-10');
    assert.deepEqual(told(preview(usage, until)), []);
    assert.deepEqual(told(preview(usage, until, 30 * DAY)), [['ray-batch', 'dee', 'expired', 1, 0]]);
    const later = ({ periods }: Registry) => {
      periods['ray-2030'] = { block: 'ray', from: '2030-06-15', until: '2030-12-31' };
    };
    assert.deepEqual(told(preview(usage, later)), [['ray-batch', 'dee', 'not-started', 1, 0]]);
    assert.deepEqual(told(preview(usage, later, 30 * DAY)), []);
  });

  it('leaves to others what is kept for them on any host', () => {
    const kept = rule({ feature: 'ray-batch', for: { people: ['ana'] }, keep: 2 }, 3);
    const usage = past([
      session('bo', 'ws01', 0, 50),
      session('cy', 'ws01', 10, 20),
      session('ana', 'ws02', 20, 50),
    ]);
    const { denials } = preview(usage, kept);
    assert.deepEqual(
      denials.map(({ reason, user }) => [user, reason]),
      [['cy', 'reserved']],
    );
  });

  it('counts one seat for all processes of a user on a host where the draft counts users', () => {
    const perUser = (registry: Registry) => {
      registry.features['ray-batch'] = { name: 'Batch', software: 'raytracer', seats: 1, per: 'user' };
      registry.reservations = {};
    };
    const usage = past([
      ...[session('ana', 'ws01', 0, 50), session('ana', 'ws01', 10, 90), session('ana', 'ws02', 20, 30)],
      ...[session('bo', 'ws01', 60, 70), session('bo', 'ws01', 90, 95)],
    ]);
    assert.deepEqual(told(preview(usage, perUser)), [
      ['ray-batch', 'ana', 'no-seat', 1, 0],
      ['ray-batch', 'bo', 'no-seat', 1, 0],
    ]);
  });

  it('says whom the draft would help who was refused then, and whom it would not', () => {
    const usage = past(
      [session('ana', 'ws01', 0, 100), session('cy', 'ws01', 0, 100)],
      [denial('bo', 'ws02', 10), denial('bo', 'ws02', 20), denial('mallory', 'ws02', 30)],
    );
    const result = preview(usage, seats(3));
    assert.deepEqual(result.relieved, [{ feature: 'ray-batch', user: 'bo', times: 2 }]);
    assert.deepEqual(told(result), [['ray-batch', 'mallory', 'unknown-user', 0, 1]]);
    assert.deepEqual([result.granted, result.refused], [2, 3]);
  });

  it('judges nothing from before the span, and counts the seats that were in use then', () => {
    const usage = past([
      session('ana', 'ws01', -500, 100),
      session('dee', 'ws01', -500, -400),
      session('bo', 'ws02', 10, 20),
    ]);
    const result = preview(usage, seats(1));
    assert.deepEqual(told(result), [['ray-batch', 'bo', 'no-seat', 1, 0]]);
    assert.equal(result.granted, 1);
  });
});

function gone(registry: Registry): void {
  delete registry.features['ray-batch'];
  registry.blocks = { ray: { name: 'Ray', software: 'raytracer', features: ['ray-view'] } };
  registry.reservations = {};
}

function ended(periods: Registry['periods'], until: string): void {
  periods['ray-2030'] = { block: 'ray', from: '2030-01-01', until };
}
