import { deepEqual, equal, match } from 'node:assert/strict';
import type { LeaseReport } from '../../core/agent/protocol.ts';
import { seconds } from '../../core/units.ts';
import { leaseItems } from '../../extension/src/model/leases.ts';
import { ENGLISH } from '../support/english-reader.ts';
import { connected, feature, lease, NOW } from '../support/window.ts';

type Row = readonly [
  why: string,
  changes: Partial<LeaseReport>,
  icon: string,
  tone: string | undefined,
  description: string,
];

const ROWS: readonly Row[] = [
  ['a seat in use says who has it and for how long', {}, 'key', undefined, 'solver (4802) · 2h'],
  [
    'a borrowed seat says until when',
    { tie: 'borrow', end: seconds(NOW + 3600) },
    ...(['briefcase', undefined, 'borrowed until 18:46'] as const),
  ],
  [
    'a seat whose holder is gone says when it is freed',
    { state: 'orphaned', freesIn: 24 },
    ...(['warning', 'warning', 'holder gone, frees in 24s'] as const),
  ],
  [
    'a seat that keeps a version from being applied says which',
    { state: 'draining' },
    ...(['sync', 'warning', 'v42 waits for it'] as const),
  ],
  [
    'a seat that is not renewed says when it ends',
    { state: 'ending' },
    ...(['warning', 'warning', 'ends at 18:46, not renewed'] as const),
  ],
  [
    'a seat kept after its return says for whom',
    { state: 'lingering', tie: 'linger' },
    ...(['history', undefined, 'returned, kept for ana until 18:46'] as const),
  ],
];

function itemOf(changes: Partial<LeaseReport>) {
  const [item] = leaseItems(
    connected({ status: { leases: [lease(changes)] }, features: [feature()] }),
    ENGLISH,
  );
  if (item === undefined) throw new Error('no row');
  return item;
}

describe('the rows of leases', () => {
  for (const [why, changes, icon, tone, description] of ROWS) {
    it(why, () => {
      const item = itemOf(changes);
      deepEqual(
        [item.label, item.icon, item.tone, item.description],
        ['Simulator Pro', icon, tone, description],
      );
    });
  }

  it('offer no return of what has been returned', () => {
    deepEqual(
      [itemOf({}).context, itemOf({ state: 'lingering', tie: 'linger' }).context],
      ['lease.returnable.process', 'lease.lingering'],
    );
  });

  it('are spoken as a sentence', () => {
    equal(itemOf({}).spoken, 'Simulator Pro, held by solver (4802) for ana, solver (4802) · 2h');
  });

  it('stay the same rows while their leases stand', () => {
    equal(itemOf({ state: 'draining' }).id, itemOf({}).id);
  });

  it('show names as text, whatever Markdown somebody typed', () => {
    const tooltip = itemOf({ process: { tool: '[x](command:evil)', pid: null, startTime: null } }).tooltip();
    match(tooltip, /\\\[x\\\]\\\(command:evil\\\)/);
  });

  it('name who waits, and count those of whom nothing is known', () => {
    const queue = [{ user: 'bea', tool: 'mesher', pid: 7, waited: 61 }];
    const one = {
      ...{ feature: 'sim.pro', name: 'Simulator Pro', seats: 5, overdraft: 0, overdrawn: 0 },
      uses: [],
    };
    const overview = { features: [{ ...one, queue, deniedToday: null }], hosts: [] };
    const items = leaseItems(connected({ status: { waiting: 3 }, overview }), ENGLISH);
    deepEqual(
      items.map(({ description, label }) => [label, description]),
      [
        ['Simulator Pro', 'mesher (7) · number 1 in the queue, for 1m'],
        ['Asking other hosts for seats: 2', undefined],
      ],
    );
  });

  it('are none before an agent has spoken', () => {
    deepEqual(leaseItems({ kind: 'starting' }, ENGLISH), []);
  });
});
