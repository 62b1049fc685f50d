import assert from 'node:assert/strict';
import type { Registry } from '../../core/state/registry.ts';
import { adviseRegistry, checkRegistry } from '../../core/state/registry-check.ts';
import { smallRegistry } from '../support/registries.ts';

describe('a registry as a whole', () => {
  it('has nothing wrong with the small one', () => {
    assert.deepEqual(checkRegistry(smallRegistry()), []);
  });

  it('has nothing wrong with a period from set-up, with dates that bound it or without', () => {
    const registry = smallRegistry();
    registry.periods.trial = { block: 'ray', days: 30 };
    registry.periods.until = { block: 'ray', days: 30, until: '2030-12-31' };
    assert.deepEqual(checkRegistry(registry), []);
  });

  const cases: [why: string, found: string[], breakIt: (registry: Registry) => void][] = [
    [
      'software that is not there',
      ['features.ray-view.software unknown-id'],
      (r) => {
        r.features['ray-view'] = { name: 'x', software: 'gone', seats: 1 };
      },
    ],
    [
      'an inherited name instead of an id',
      ['features.ray-view.software unknown-id'],
      (r) => {
        r.features['ray-view'] = { name: 'x', software: 'constructor', seats: 1 };
      },
    ],
    [
      'a member that is not there',
      ['groups.designers.members unknown-id'],
      (r) => {
        r.groups.designers = { name: 'x', members: ['ana', 'gone'] };
      },
    ],
    [
      'a class that is not there',
      ['hosts.ws03.class unknown-id'],
      (r) => {
        r.hosts.ws03 = { name: 'x', class: 'gone' };
      },
    ],
    [
      'a person who is a host too',
      ['hosts.ana id-twice'],
      (r) => {
        r.hosts.ana = { name: 'x', class: 'office' };
      },
    ],
    [
      'a period of nothing',
      ['periods.ray-2030 no-target'],
      (r) => {
        r.periods['ray-2030'] = { from: '2030-01-01', until: '2030-01-02' };
      },
    ],
    [
      'a period without an end that is none from set-up',
      ['periods.ray-2030.until period-open'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', from: '2030-01-01' };
      },
    ],
    [
      'a period from set-up whose dates are in no order',
      ['periods.ray-2030.until period-order'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', days: 30, from: '2030-01-02', until: '2030-01-01' };
      },
    ],
    [
      'a rule on a feature and a block',
      ['rules.r no-target'],
      (r) => {
        r.rules.r = { feature: 'ray-view', block: 'ray', allow: { people: ['ana'] } };
      },
    ],
    [
      'a day that does not exist',
      ['periods.ray-2030.until period-date'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', from: '2030-01-01', until: '2030-02-29' };
      },
    ],
    [
      'a period that ends before it begins',
      ['periods.ray-2030.until period-order'],
      (r) => {
        r.periods['ray-2030'] = { block: 'ray', from: '2030-01-02', until: '2030-01-01' };
      },
    ],
    [
      'more seats reserved than there are',
      ['features.ray-batch.seats over-reserved'],
      (r) => {
        r.reservations.more = { feature: 'ray-batch', host: 'ws02', seats: 4 };
      },
    ],
    [
      'two reservations for one host',
      ['reservations.zwo reserved-twice'],
      (r) => {
        r.reservations.zwo = { feature: 'ray-batch', host: 'ws01', seats: 1 };
      },
    ],
    [
      'a reservation for a host that the rules leave out',
      ['reservations.view.host reserved-for-barred'],
      (r) => {
        r.reservations.view = { feature: 'ray-view', host: 'ws03', seats: 1 };
      },
    ],
    [
      'a rule that does nothing',
      ['rules.r rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view' };
      },
    ],
    [
      'a rule whose people are all denied',
      ['rules.r rule-matches-nobody'],
      (r) => {
        r.rules.r = { feature: 'ray-view', allow: { people: ['bo'] }, deny: { people: ['bo'] } };
      },
    ],
    [
      'a rule whose group was emptied',
      ['rules.ray-designers rule-matches-nobody'],
      (r) => {
        r.groups.designers = { name: 'x', members: [] };
      },
    ],
    [
      'a limit whose people are in an emptied group',
      ['rules.r rule-matches-nobody'],
      (r) => {
        r.groups.none = { name: 'x', members: [] };
        r.rules.r = { feature: 'ray-view', for: { groups: ['none'] }, max: 1 };
      },
    ],
    [
      'a limit for somebody who is not there',
      ['rules.r.for.people unknown-id'],
      (r) => {
        r.rules.r = { feature: 'ray-view', for: { people: ['eve'] }, max: 1 };
      },
    ],
    [
      'people for whom a rule says nothing',
      ['rules.r.for rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view', deny: { people: ['bo'] }, for: { people: ['ana'] } };
      },
    ],
    [
      'seats kept for nobody in particular',
      ['rules.r.keep rule-empty'],
      (r) => {
        r.rules.r = { feature: 'ray-view', keep: 1 };
      },
    ],
    [
      'more seats kept than there are',
      ['rules.r.keep over-reserved'],
      (r) => {
        r.rules.r = { block: 'ray', for: { people: ['ana'] }, keep: 3 };
      },
    ],
    [
      'relays of which too many may lie',
      ['policy.lyingRelays too-few-relays'],
      (r) => {
        r.policy = { ...r.policy, lyingRelays: 1 };
      },
    ],
    [
      'a recovery threshold beyond its keys',
      ['recovery.threshold recovery-threshold'],
      (r) => {
        r.recovery = { ...r.recovery, threshold: 3 };
      },
    ],
  ];
  for (const [why, found, breakIt] of cases) {
    it(`reports ${why}`, () => {
      const registry = smallRegistry();
      breakIt(registry);
      assert.deepEqual(
        checkRegistry(registry).map(({ path, code }) => `${path} ${code}`),
        found,
      );
    });
  }

  it('advises on a feature that nobody can use and on an empty block', () => {
    const registry = smallRegistry();
    registry.features.lone = { name: 'Lone', software: 'raytracer', seats: 0 };
    registry.blocks.void = { name: 'Void', features: [] };
    assert.deepEqual(
      adviseRegistry(registry).map(({ path, code }) => `${path} ${code}`),
      [
        'features.lone feature-without-period',
        'features.lone.seats no-seats',
        'blocks.void.features empty-block',
      ],
    );
  });
});
