import assert from 'node:assert/strict';
import type { HeldLease, Lease } from '../../core/engine/lease.ts';
import { renew, renewFrom } from '../../core/engine/renewal.ts';
import { isoTime } from '../../core/state/period.ts';
import type { Registry } from '../../core/state/registry.ts';
import { type PrincipalId, seconds } from '../../core/units.ts';
import type { RigHost } from '../support/host-rig.ts';
import { empty } from '../support/lease-tables.ts';
import { ask, play, tick } from '../support/script.ts';
import { checkout, DAY, moreSeats, TERM, working } from '../support/working-host.ts';

/** The end of the present term, and a moment before it at which leases are renewed. */
const END = TERM + DAY;
const LATE = END - 600;

/** A lease in short: of `draw` by ana until the end of the term unless told. */
type Short = Partial<Pick<Lease, 'tie' | 'under' | 'feature'>> & {
  readonly id: string;
  readonly user?: string;
  readonly end?: number;
};

/** A host with these leases, in this order, shortly before the end of its term. */
async function late(leases: readonly Short[], change?: (registry: Registry) => void): Promise<RigHost> {
  const host = await working(change);
  const { model } = host.runtime;
  await play(host, ask(checkout('model of all')));
  const given = model.leases.get('model of all');
  assert(given !== undefined);
  empty(model.leases);
  for (const { end = END, user = 'ana', ...more } of leases) {
    const lease = { ...given.lease, ...more, user: user as PrincipalId, end: seconds(end) };
    model.leases.put({ ...given, lease });
  }
  return host;
}

/** The ends of all leases, from the end of the present term, after time has come to their renewal. */
async function ends(leases: readonly Short[], change?: (registry: Registry) => void) {
  const host = await late(leases, change);
  await play(host, tick(host.runtime.model, LATE));
  return Object.fromEntries(
    [...host.runtime.model.leases.values()].map(({ lease: { end, id } }) => [id, end - END]),
  );
}

const perUser = (seats: number) => (registry: Registry) => {
  registry.features.draw = { name: 'Drawing', software: 'cad', seats, per: 'user' };
};
/** The period of `draw` ends so many seconds after the present term. */
const periodInto = (late: number) => (registry: Registry) => {
  registry.periods.draw = { feature: 'draw', from: '2030-01-01', until: isoTime(seconds(END + late)) };
};
const twoFeatures = (registry: Registry) => {
  moreSeats(1)(registry);
  registry.periods.plot = { feature: 'plot', from: '2030-01-01', until: '2030-12-31' };
};

describe('A lease near the end of its term', () => {
  const cases: readonly [
    why: string,
    leases: readonly Short[],
    expected: Readonly<Record<string, number>>,
    change?: (registry: Registry) => void,
  ][] = [
    ['goes on to the end of the next', [{ id: 'a' }], { a: DAY }],
    ['goes on with as many others as the lot has seats', many(4), { a: DAY, b: DAY, c: DAY, d: 0 }],
    [
      'goes on beside leases of another feature',
      [{ id: 'a' }, { id: 'p', feature: 'plot' }],
      { a: DAY, p: DAY },
      twoFeatures,
    ],
    ['goes on no longer than the period of its feature', [{ id: 'a' }], { a: 3600 }, periodInto(3600)],
    ['does not if it was borrowed, as it was promised until its end', [{ id: 'a', tie: 'borrow' }], { a: 0 }],
    ['does not if it lingers, as nobody uses it', [{ id: 'a', tie: 'linger' }], { a: 0 }],
    [
      'goes no further than the borrowed one whose seat it uses',
      [
        { id: 'trip', tie: 'borrow' },
        { id: 'tool', under: 'trip' },
      ],
      { trip: 0, tool: 0 },
    ],
    [
      'goes on with the one whose seat it shares, and not without it',
      [{ id: 'c', user: 'bo', under: 'd' }, { id: 'a' }, { id: 'b', under: 'a' }, { id: 'd', user: 'bo' }],
      { c: 0, a: DAY, b: DAY, d: 0 },
      perUser(1),
    ],
    [
      'takes no seat from others for those who share its own',
      [{ id: 'a' }, { id: 'b', under: 'a' }, { id: 'c', under: 'a' }, { id: 'd', user: 'bo' }],
      { a: DAY, b: DAY, c: DAY, d: DAY },
      perUser(2),
    ],
    [
      'that would end sooner, as the seat that came for it does, first goes on to the end of the term',
      [{ id: 'a', end: END - 300 }],
      { a: 0 },
    ],
    [
      'that would end sooner does not go on over a time in which all seats are in use',
      [{ id: 'd', end: END - 300 }, ...many(3)],
      { d: -300, a: DAY, b: DAY, c: DAY },
    ],
  ];
  for (const [why, leases, expected, change] of cases) {
    it(why, async () => assert.deepEqual(await ends(leases, change), expected));
  }

  it('does not go on where its host has been offline for too long', async () => {
    const host = await late([{ id: 'a' }]);
    const { model } = host.runtime;
    await play(host, tick(model, LATE));
    const next = seconds(LATE + DAY);
    model.time = { ...model.time, lower: next, upper: next, offlineAge: seconds(15 * DAY) };
    model.lots = null;
    const held = model.leases.get('a') as HeldLease;
    assert.deepEqual([renew(model, held), held.lease.end], [[], END + DAY]);
    model.time = { ...model.time, offlineAge: seconds(0) };
    assert.equal(renew(model, held).length, 2);
  });

  it('that its period ends with is left alone without a word', async () => {
    const end = new Date(END * 1000).toISOString().slice(0, 16);
    const host = await late([{ id: 'a' }], ({ periods }) => {
      periods.draw = { feature: 'draw', from: '2030-01-01', until: `${end}Z` };
    });
    // The hours before are written with the first look at the time.
    await play(host, tick(host.runtime.model, LATE));
    assert.deepEqual(await play(host, tick(host.runtime.model, LATE + 1)), []);
  });

  it('is renewed in the last tenth of a short term, and in the last quarter of an hour of a long one', () => {
    const span = (length: number) => ({ from: seconds(1000), until: seconds(1000 + length) });
    assert.deepEqual(
      [600, 9000, DAY].map((length) => span(length).until - renewFrom(span(length))),
      [60, 900, 900],
    );
  });
});

function many(count: number): readonly Short[] {
  return ['a', 'b', 'c', 'd'].slice(0, count).map((id) => ({ id }));
}
