import { deepEqual, equal } from 'node:assert/strict';
import type { FeatureReport } from '../../core/agent/protocol.ts';
import { featureItems } from '../../extension/src/model/features.ts';
import { ENGLISH } from '../support/english-reader.ts';
import { connected, feature, NOW } from '../support/window.ts';

const soon = new Date(1000 * (NOW + 3 * 86_400)).toISOString();

const ROWS: readonly (readonly [
  why: string,
  changes: Partial<FeatureReport>,
  icon: string,
  tone: string | undefined,
  description: string,
])[] = [
  ['one that can be had says how many seats are free', {}, 'circle-large-filled', undefined, '5/5 free'],
  [
    'one that nobody may use says why in words, not by its colour alone',
    { reason: 'expired', time: [] },
    ...(['circle-slash', 'warning', '5/5 free · expired'] as const),
  ],
  [
    'one of which only other hosts have seats left says so, since this host asks them',
    { reason: 'no-seat' },
    ...(['circle-large', undefined, '5/5 free · on other hosts'] as const),
  ],
  [
    'one of which no seat is left anywhere is nothing to be warned of',
    { reason: 'no-seat', inUse: 5 },
    ...(['circle-slash', undefined, '0/5 free'] as const),
  ],
  [
    'one whose period ends soon says when',
    { until: soon },
    ...(['circle-large-filled', 'warning', '5/5 free · ends in 3d'] as const),
  ],
  [
    'a reason of a newer agent is shown in its own words',
    { reason: 'moon-phase' },
    ...(['circle-slash', 'warning', '5/5 free · moon phase'] as const),
  ],
];

const USE = {
  ...{ host: 'lab-3', user: 'ana', tool: 'solver', pid: 4802, lease: 'aa01' },
  ...{ since: NOW - 7200, end: NOW + 3600, overdraft: false },
};

describe('the rows of features', () => {
  for (const [why, changes, icon, tone, description] of ROWS) {
    it(why, () => {
      const [item] = featureItems(connected({ features: [feature(changes)] }), ENGLISH, 14);
      deepEqual([item?.icon, item?.tone, item?.description], [icon, tone, description]);
    });
  }

  it('say nothing of an end that is further off than asked for', () => {
    const [item] = featureItems(connected({ features: [feature({ until: soon })] }), ENGLISH, 2);
    equal(item?.description, '5/5 free');
  });

  it('count the seats in use on all hosts, and name who uses them', () => {
    const uses = [USE, { ...USE, lease: 'aa02', host: 'lab-4', overdraft: true }];
    const one = {
      ...{ feature: 'sim.pro', name: '', seats: 5, overdraft: 1, overdrawn: 1, queue: [] },
      uses,
    };
    const overview = { features: [{ ...one, deniedToday: null }], hosts: [] };
    const [item] = featureItems(connected({ features: [feature()], overview }), ENGLISH, 14);
    equal(item?.description, '3/5 free');
    deepEqual(
      item?.children.map(({ description, label }) => [label, description]),
      [
        ['ana@lab-3', 'since 15:46'],
        ['ana@lab-4', 'since 15:46 · overdraft'],
      ],
    );
  });

  it('have ids of their own, two uses of one person that only a record tells of too', () => {
    const uses = [USE, { ...USE, lease: null }, { ...USE, lease: null }];
    const one = {
      ...{ feature: 'sim.pro', name: '', seats: 5, overdraft: 0, overdrawn: 0, queue: [] },
      uses,
    };
    const overview = { features: [{ ...one, deniedToday: null }], hosts: [] };
    const [item] = featureItems(connected({ features: [feature()], overview }), ENGLISH, 14);
    equal(new Set(item?.children.map(({ id }) => id)).size, 3);
  });

  it('stand in the order of their names', () => {
    const features = [feature({ id: 'a', name: 'Zebra' }), feature({ id: 'b', name: 'ash' })];
    deepEqual(
      featureItems(connected({ features }), ENGLISH, 14).map(({ label }) => label),
      ['ash', 'Zebra'],
    );
  });
});
