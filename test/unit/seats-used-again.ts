import assert from 'node:assert/strict';
import { borrowedLease } from '../../core/engine/borrowing.ts';
import { silenceOf } from '../../core/engine/idle-tools.ts';
import type { CheckoutRequest, HeldLease, Lease, Tie } from '../../core/engine/lease.ts';
import { lingering, lingeringLease } from '../../core/engine/lingering.ts';
import type { Model } from '../../core/engine/model.ts';
import { handOver, sharedLease } from '../../core/engine/seat-sharing.ts';
import { waitingFor } from '../../core/engine/waiting-line.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import { floatingHosts } from '../support/floating.ts';
import { checkoutOf, type RigHost } from '../support/host-rig.ts';
import { tableOf } from '../support/lease-tables.ts';
import { LEASE } from '../support/leases.ts';
import { drafting, PUBLISH } from '../support/lending-host.ts';
import { checkout, giveBack, lender } from '../support/limited-host.ts';
import { ask, play } from '../support/script.ts';

const NOW = 1000;

/** A lease in short, of `draw` by ana and sure to last unless told. */
interface Short extends Partial<Omit<Lease, 'user' | 'end' | 'since' | 'seatSince'>> {
  readonly id: string;
  readonly user?: string;
  readonly end?: number;
  readonly since?: number;
}

function held({ end = NOW + 600, since = 0, tie = 'connection', user = 'ana', ...more }: Short): HeldLease {
  const times = { end: seconds(end), since: seconds(since) };
  const lease = { ...LEASE, feature: 'draw', ...more, ...times, tie, user: user as PrincipalId };
  return { lease, holder: { kind: 'process' } };
}

/** A host at NOW with these leases, in this order. */
function modelOf(leases: readonly Short[], draw: object): Model {
  return {
    applied: { configuration: { registry: { features: { draw, print: draw } } } },
    time: { lower: seconds(NOW), upper: seconds(NOW) },
    leases: tableOf(leases.map(held)),
  } as unknown as Model;
}

const REQUEST: CheckoutRequest = {
  ...{ feature: 'draw', user: 'ana', tie: 'connection', wait: false },
  process: { tool: 'drafter', pid: null, startTime: null },
};
const UNTIL: CheckoutRequest = { ...REQUEST, until: seconds(NOW + 60) };

type Finder = (model: Model, request: CheckoutRequest) => Lease | null;
type Case = readonly [
  why: string,
  expected: string | null,
  leases: readonly Short[],
  draw?: object,
  request?: CheckoutRequest,
];

function tell(find: Finder, usual: object, cases: readonly Case[]): void {
  for (const [why, expected, leases, draw = usual, request = REQUEST] of cases) {
    it(why, () => assert.equal(find(modelOf(leases, draw), request)?.id ?? null, expected));
  }
}

const [linger, borrow]: readonly Tie[] = ['linger', 'borrow'];

describe('The seat that processes of a user share', () => {
  tell(sharedLease, { per: 'user' }, [
    ['is that of the user’s lease', 'a', [{ id: 'a' }]],
    ['is none where the feature counts processes', null, [{ id: 'a' }], {}],
    ['is none for who wants to borrow one', null, [{ id: 'a' }], { per: 'user' }, UNTIL],
    ['is none that lingers', null, [{ id: 'a', tie: linger as Tie }]],
    ['is none of another user', null, [{ id: 'a', user: 'bo' }]],
    ['is none of another feature', null, [{ id: 'a', feature: 'print' }]],
    ['is none that may be over', null, [{ id: 'a', end: NOW }]],
    ['is held by the lease that shares no other’s', 'b', [{ id: 'a', under: 'b' }, { id: 'b' }]],
  ]);

  it('is in use since its first lease began, however often it was handed on', () => {
    const riders = ['b', 'c'].map((id, i) => ({ id, under: 'a', since: 20 + i }));
    const model = modelOf([{ id: 'a', since: 10 }, ...riders], { per: 'user' });
    for (const id of ['a', 'b']) {
      const lease = model.leases.get(id)?.lease;
      assert(lease !== undefined);
      handOver(model, lease);
      model.leases.delete(id);
    }
    assert.deepEqual(
      [...model.leases.values()].map(({ lease: { id, seatSince, under } }) => [id, seatSince, under]),
      [['c', 10, undefined]],
    );
  });
});

describe('The borrowed seat that a tool uses', () => {
  const trip: Short = { id: 'trip', tie: borrow as Tie };
  const inUse: readonly Short[] = [trip, { id: 'tool', under: 'trip' }];
  tell(borrowedLease, {}, [
    ['is the user’s own', 'trip', [trip]],
    ['is none of another user', null, [{ ...trip, user: 'bo' }]],
    ['is none of another feature', null, [{ ...trip, feature: 'print' }]],
    ['is none that is not borrowed', null, [{ id: 'a' }]],
    ['is none that may be over', null, [{ ...trip, end: NOW }]],
    ['is none that another tool uses', null, inUse],
    ['is another that no tool uses', 'second', [...inUse, { ...trip, id: 'second' }]],
    ['is one that another tool uses where the feature counts users', 'trip', inUse, { per: 'user' }],
  ]);
});

describe('The lingering seat that a checkout takes up again', () => {
  const left: Short = { id: 'left', tie: linger as Tie };
  tell(lingeringLease, { linger: 600 }, [
    ['is the user’s own', 'left', [left]],
    ['is none of another user', null, [{ ...left, user: 'bo' }]],
    ['is none of another feature', null, [{ ...left, feature: 'print' }]],
    ['is none for who wants to borrow one', null, [left], { linger: 600 }, UNTIL],
    ['is none that is in use', null, [{ id: 'a' }]],
    ['is the one that would be free first', 'sooner', [left, { ...left, id: 'sooner', end: NOW + 60 }]],
  ]);
});

describe('A seat does not linger', () => {
  it('that was borrowed: whoever returns it early gives it up', () => {
    const model = { ...modelOf([], { linger: 600 }), state: { settled: [] } } as unknown as Model;
    const ends = (tie: Tie) => lingering(model, held({ id: 'a', tie }))?.lease.end ?? null;
    assert.deepEqual([ends('process'), ends('borrow')], [NOW + 600, null]);
  });

  it('whose return is what a version waits for', async () => {
    const { host } = await lender({}, { linger: 600 });
    for (const id of ['a', 'b']) await play(host, ask(checkout(id, 'ana')));
    await play(host, ask(drafting(({ features }) => Object.assign(features.draw ?? {}, { seats: 2 }))(host)));
    await play(host, ask(PUBLISH));
    const said = await play(host, ask(giveBack('a')));
    assert.equal(said[0], 'delete lease/a');
    assert.deepEqual([...host.runtime.model.leases.keys()], ['b']);
  });
});

describe('The silence of a tool', () => {
  it('that has not spoken since its agent began is as long as that runs', () => {
    const model = { running: seconds(500), startedAt: seconds(400) } as Model;
    assert.equal(silenceOf(model, held({ id: 'a', speaks: true })), 100);
    assert.equal(silenceOf(model, { ...held({ id: 'a', speaks: true }), heard: seconds(470) }), 30);
    assert.equal(silenceOf(model, held({ id: 'a' })), null);
  });
});

describe('Whoever waits', () => {
  it('waits for the seats of one feature, and keeps none of another', async () => {
    const [a] = (await floatingHosts()) as [RigHost];
    for (const id of ['x', 'y']) await a.submit(checkoutOf('draw', 'ana', id));
    const command = checkoutOf('draw', 'ana', 'z');
    assert(command.do === 'checkout');
    await a.submit({ ...command, request: { ...command.request, wait: true } });
    const waiting = (feature: string) => waitingFor(a.runtime.model, feature).map(({ id }) => id);
    assert.deepEqual([waiting('draw'), waiting('print')], [['z'], []]);
  });
});
