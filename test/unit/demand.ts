import assert from 'node:assert/strict';
import type { Command } from '../../core/engine/input.ts';
import { explainLots, rosterOf } from '../../core/state/compile.ts';
import { type Demand, demandOf, withDemand } from '../../core/state/demand.ts';
import type { Registry } from '../../core/state/registry.ts';
import { mergeRegistry } from '../../core/state/registry-merge.ts';
import type { PrincipalId } from '../../core/units.ts';
import type { Body } from '../../core/wire/bodies.ts';
import { checkoutOf, exchange, invitedHost, type RigHost } from '../support/host-rig.ts';
import { drafted, drafting, lending, PUBLISH } from '../support/lending-host.ts';
import { smallRegistry } from '../support/registries.ts';

const hour = (host: string, body: Partial<Body<'usage'>>) => ({
  host: host as PrincipalId,
  record: {
    body: {
      ...{ hour: 0, quiet: 0, names: ['draw', 'ana', 'no-seat', 'bo', 'no-period'] },
      ...{ sessions: [], denials: [], peaks: new Map(), lost: 0, ...body },
    },
  } as never,
});
const plain = (demand: Demand) =>
  Object.fromEntries([...demand].map(([feature, of]) => [feature, Object.fromEntries(of)]));
const needing = (figures: Record<string, Record<string, number>>): Demand =>
  new Map(Object.entries(figures).map(([feature, of]) => [feature, new Map(Object.entries(of))]));

/** Six seats, of which each host has three. */
function sixSeats(change: (registry: Registry) => void = () => undefined): Registry {
  const registry = smallRegistry();
  registry.features['ray-batch'] = { name: 'Batch', software: 'raytracer', seats: 6 };
  registry.reservations = {};
  change(registry);
  return registry;
}
const batchOf = (registry: Registry, figures: Record<string, number>) =>
  withDemand(registry, rosterOf(registry), needing({ 'ray-batch': figures })).features['ray-batch']?.demand;

describe('What hosts have needed', () => {
  it('is the most in use in any hour, with those who found no seat in it', () => {
    const demand = demandOf([
      hour('ws01', { peaks: new Map([['draw', 2]]) }),
      hour('ws01', {
        peaks: new Map([['draw', 1]]),
        denials: [
          [0, 1, 9, 2],
          [0, 1, 10, 2],
          [0, 3, 11, 2],
          [0, 3, 12, 4],
        ],
      }),
      hour('ws02', { denials: [[0, 1, 9, 2]] }),
    ]);
    assert.deepEqual(plain(demand), { draw: { ws01: 3, ws02: 1 } });
  });

  it('is not what was denied for want of anything but a seat', () => {
    assert.deepEqual(plain(demandOf([hour('ws01', { denials: [[0, 1, 9, 4]] })])), {});
  });

  it('is no more than the seats that there are', () => {
    assert.deepEqual(batchOf(sixSeats(), { ws01: 1, ws02: 90 }), { ws01: 1, ws02: 6 });
  });

  it('is written down where a host gets too little and another more than it needs', () => {
    assert.deepEqual(batchOf(sixSeats(), { ws01: 1, ws02: 5 }), { ws01: 1, ws02: 5 });
  });

  const still: readonly [why: string, registry: Registry, figures: Record<string, number>][] = [
    ['everybody gets enough', sixSeats(), { ws01: 3, ws02: 1 }],
    ['nobody has a seat to spare', sixSeats(), { ws01: 9, ws02: 3 }],
    ['nothing has been needed', sixSeats(), {}],
    [
      'the policy is to share out equally',
      sixSeats(({ policy }) => {
        policy.allocation = 'equal';
      }),
      { ws02: 5 },
    ],
    [
      'what another has too much of is reserved for it',
      sixSeats(({ reservations }) => {
        reservations.all = { feature: 'ray-batch', host: 'ws01', seats: 5 };
        reservations.one = { feature: 'ray-batch', host: 'ws02', seats: 1 };
      }),
      { ws02: 5 },
    ],
    ['it is a host that has not joined', sixSeats(), { ws03: 5 }],
  ];
  for (const [why, registry, figures] of still) {
    it(`changes nothing where ${why}`, () => assert.equal(batchOf(registry, figures), undefined));
  }

  it('stays where a file is imported that does not speak of it', () => {
    const registry = sixSeats(({ features }) => {
      if (features['ray-batch'] !== undefined) features['ray-batch'].demand = { ws02: 5 };
    });
    const { features } = sixSeats();
    assert.deepEqual(mergeRegistry(registry, { features }).features['ray-batch']?.demand, { ws02: 5 });
  });
});

const HOUR = 3600;
const more = drafting(({ people }) => {
  people.cy = { name: 'Cy' };
});

async function pass(span: number, ...hosts: readonly RigHost[]): Promise<void> {
  for (const host of hosts) {
    host.clock.advance(span);
    await host.tellTime();
    await host.runtime.tick();
  }
  await exchange(...hosts);
}

/** Two hosts with a version that both have applied; `ws02` had no seat for two people, since its own is its from the next term on. */
async function needy(): Promise<{ founder: RigHost; other: RigHost }> {
  const { host: founder } = await lending();
  const other = await invitedHost(founder, 'ws02', 202);
  const all = [founder, other];
  await exchange(...all);
  await founder.submit(PUBLISH);
  await exchange(...all);
  await pass(4, ...all);
  for (const id of ['a', 'b', 'c']) await other.submit(checkoutOf('draw', id === 'c' ? 'bo' : 'ana', id));
  await other.submit({ do: 'return-all' });
  await pass(HOUR, ...all);
  return { founder, other };
}

const lots = ({ runtime: { model } }: RigHost) =>
  Object.fromEntries(model.applied?.configuration.lots.get('draw') ?? []);
const publish: Command = PUBLISH;

describe('Publishing', () => {
  it('gives seats to the host that has needed them, as every host compiles, and says why', async () => {
    const { founder, other } = await needy();
    assert.deepEqual(lots(other), { ws01: 2, ws02: 1 });
    await founder.submit(more(founder));
    const published = await founder.submit(publish);
    assert(published.ok, JSON.stringify(published));
    await exchange(founder, other);
    assert.deepEqual(lots(other), { ws01: 1, ws02: 2 });
    assert.deepEqual(lots(founder), { ws01: 1, ws02: 2 });
    assert(other.runtime.model.applied !== null);
    assert.deepEqual(explainLots(other.runtime.model.applied.configuration, 'draw'), [
      'ws01: 1 = 0 reserved + 0 by demand (it has needed 0) + 1 shared; 2 of 3 seats are where they were needed, 1 of 3 seats are shared by 2 hosts',
      'ws02: 2 = 0 reserved + 2 by demand (it has needed 2) + 0 shared; 2 of 3 seats are where they were needed, 1 of 3 seats are shared by 2 hosts',
    ]);
  });

  it('makes no version for nothing but what has been needed', async () => {
    const { founder } = await needy();
    const published = await founder.submit(publish);
    assert.equal(!published.ok && published.reason, 'nothing-to-publish');
    assert.equal(drafted(founder).features.draw?.demand, undefined);
  });
});
