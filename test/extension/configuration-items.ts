import { deepEqual, equal, match } from 'node:assert/strict';
import { configurationItems } from '../../extension/src/model/configuration.ts';
import type { Item } from '../../extension/src/model/item.ts';
import { requestCount, requestItems } from '../../extension/src/model/requests.ts';
import { ENGLISH } from '../support/english-reader.ts';
import { connected, NOW, rollout, rolloutHost } from '../support/window.ts';

const LEFT = {
  ...{ id: 'aa01', feature: 'sim.pro', user: 'ana', tool: 'solver', pid: 4802 },
  ...{ since: NOW - 60, end: NOW + 3600 },
};
const WAITS = 'lab-4 still has a lease of sim.pro: ana, solver (4802)';
const DRAINING = rollout(
  [
    rolloutHost(),
    rolloutHost({ id: 'lab-4', name: 'Lab 4', state: 'draining', appliedVersion: 42, leases: [LEFT] }),
    rolloutHost({ id: 'lab-5', name: 'Lab 5', state: 'unknown', appliedVersion: null, lastSeen: null }),
  ],
  { why: [WAITS] },
);

/** Labels and descriptions, the children of a row further in. */
function outline(items: readonly Item[], depth = 0): readonly string[] {
  return items.flatMap(({ children, description, label }) => [
    `${'  '.repeat(depth)}${label}${description ? ` | ${description}` : ''}`,
    ...outline(children, depth + 1),
  ]);
}

describe('the rows of the configuration', () => {
  it('say what is applied where nothing is on its way', () => {
    deepEqual(outline(configurationItems(connected(), ENGLISH)), ['Version 42 | applied on this host']);
  });

  it('say that nothing is applied to who has only joined', () => {
    const status = { applied: null, join: { state: 'kept' } } as const;
    deepEqual(outline(configurationItems(connected({ status }), ENGLISH)), [
      'No version applied yet | not a member yet',
    ]);
  });

  it('say exactly what a version waits for, and which host has which lease', () => {
    deepEqual(outline(configurationItems(connected({ rollout: DRAINING, drafted: 2 }), ENGLISH)), [
      'Version 42 | applied on this host',
      'Draft: 2 changes',
      'Version 43 is on its way | applied on 1 of 3 hosts',
      `  ${WAITS}`,
      '  Applied (1)',
      '    Lab 3',
      '  Draining (1)',
      '    Lab 4 | 1 lease left',
      '      sim.pro | ana, solver (4802)',
      '  Nothing heard (1)',
      '    Lab 5',
    ]);
  });

  it('show no rollout that waits for nothing', () => {
    const done = rollout([rolloutHost()]);
    equal(configurationItems(connected({ rollout: done }), ENGLISH).length, 1);
  });

  const PROGRESS = [
    ['refused here', { refused: 'malformed' }, 'refused'],
    ['not signed by enough issuers', { signatures: 1, needed: 2 }, '1 of 2 signatures'],
    ['not acknowledged by a quorum', { certified: false, acks: 1, quorum: 3 }, '1 of 3 acks'],
  ] as const;
  for (const [why, changes, description] of PROGRESS) {
    it(`tell how far a version is that is ${why}`, () => {
      const status = { pending: rollout([], { ...changes, why: ['it waits'] }) };
      const items = configurationItems(connected({ status }), ENGLISH);
      equal(items.find(({ id }) => id === 'pending')?.description, description);
    });
  }

  it('have the newest version first in the history', () => {
    const one = { generation: 0, parent: null, author: 'ws-01', content: null, ackers: [] };
    const versions = [
      { ...one, version: 1, id: 'a', message: 'First' },
      { ...one, version: 2, id: 'b', message: 'Second' },
    ];
    deepEqual(outline(configurationItems(connected({ versions }), ENGLISH)).slice(1), [
      'History',
      '  v2 | Second · ws-01',
      '  v1 | First · ws-01',
    ]);
  });

  it('have ids of their own', () => {
    const all = (items: readonly Item[]): readonly string[] =>
      items.flatMap(({ children, id }) => [id, ...all(children)]);
    const ids = all(configurationItems(connected({ rollout: DRAINING, drafted: 2 }), ENGLISH));
    equal(new Set(ids).size, ids.length);
  });
});

describe('the rows of requests', () => {
  const asked = {
    ...{ candidate: 'cd'.repeat(32), version: 43, author: 'ws-01', message: 'Five more seats' },
    ...{ changes: [], summary: ['features/sim.pro: 5 → 10 seats'], refused: null },
  };

  it('are what waits for a signature, with what it changes', () => {
    const [item] = requestItems(connected({ unsigned: [asked] }), ENGLISH);
    deepEqual([item?.label, item?.description], ['Sign version 43', 'Five more seats · ws-01']);
    match(item?.tooltip() ?? '', /5 → 10 seats/);
  });

  it('count what can be signed, and not what cannot be taken', () => {
    equal(requestCount(connected({ unsigned: [asked, { ...asked, refused: 'malformed' }] })), 1);
  });

  it('tell of newcomers to who can let them in, and to nobody else', () => {
    const newcomers = [{ id: 'ws-02', kind: 'host' }] as const;
    const labels = (roles: readonly string[]) => {
      const host = { id: 'lab-3', name: 'Lab 3', log: 7, class: null, roles };
      return requestItems(connected({ status: { newcomers, host } }), ENGLISH).map(({ label }) => label);
    };
    deepEqual([labels(['issuer']), labels(['voter'])], [['ws-02'], []]);
  });
});
