import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AllocationInput, allocate } from '../../core/state/allocate.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'constructor'] as const;
const host = fc.constantFrom(...NAMES);
const figures = fc
  .dictionary(host, fc.nat(12), { noNullPrototype: true })
  .map((of) => new Map(Object.entries(of)));

const inputs: fc.Arbitrary<AllocationInput> = fc.record(
  {
    seats: fc.nat(40),
    reserved: figures,
    demand: figures,
    hosts: fc.uniqueArray(host, { minLength: 1 }),
  },
  { noNullPrototype: true },
);

const totalOf = (input: AllocationInput, of: string) => allocate(input).get(of)?.total ?? 0;
const needed = ({ demand = new Map(), reserved }: AllocationInput, of: string) =>
  Math.max(demand.get(of) ?? 0, reserved.get(of) ?? 0);

/** The same seats by the words alone: one at a time, to whoever has least by demand of those who need one. */
function naive({ demand = new Map(), hosts, reserved, seats }: AllocationInput): Map<string, number> {
  const order = [...hosts].sort();
  const lots = new Map(order.map((id) => [id, 0]));
  const given = new Map(order.map((id) => [id, 0]));
  let left = seats;
  for (const id of order) {
    const kept = Math.min(left, reserved.get(id) ?? 0);
    lots.set(id, kept);
    left -= kept;
  }
  for (; left > 0; left--) {
    const wanting = order.filter(
      (id) =>
        (given.get(id) ?? 0) < (demand.get(id) ?? 0) - Math.min(reserved.get(id) ?? 0, lots.get(id) ?? 0),
    );
    const least = Math.min(...wanting.map((id) => given.get(id) ?? 0));
    const next = wanting.find((id) => given.get(id) === least);
    if (next === undefined) break;
    given.set(next, least + 1);
  }
  for (const [i, id] of order.entries()) {
    const share = Math.floor(left / order.length) + (i < left % order.length ? 1 : 0);
    lots.set(id, (lots.get(id) ?? 0) + (given.get(id) ?? 0) + share);
  }
  return lots;
}

describe('sharing out seats, for any figures', () => {
  it('gives all of them and never one more, each lot the sum of its parts', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const lots = [...allocate(input).values()];
        assert.equal(
          lots.reduce((sum, { total }) => sum + total, 0),
          input.seats,
        );
        for (const { demand, reserved, share, total } of lots) assert.equal(total, reserved + demand + share);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives one seat after the other to whoever has least of what he needs', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const expected = [...naive(input)].filter(([, seats]) => seats > 0);
        assert.deepEqual(
          [...allocate(input)].map(([id, { total }]) => [id, total]),
          expected,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps every reservation that there are seats for', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const here = input.hosts.reduce((sum, id) => sum + (input.reserved.get(id) ?? 0), 0);
        fc.pre(here <= input.seats);
        for (const id of input.hosts) assert.ok(totalOf(input, id) >= (input.reserved.get(id) ?? 0));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a host that needs more never less', () => {
    fc.assert(
      fc.property(inputs, host, fc.integer({ min: 1, max: 9 }), (input, id, more) => {
        const demand = new Map(input.demand).set(id, (input.demand?.get(id) ?? 0) + more);
        assert.ok(totalOf({ ...input, demand }, id) >= totalOf(input, id));
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves nobody short while another has more than he needs by demand', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const lots = allocate(input);
        const isShort = input.hosts.some((id) => (lots.get(id)?.total ?? 0) < needed(input, id));
        if (isShort) assert.ok([...lots.values()].every(({ share }) => share === 0));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same in whatever order hosts and figures are named', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const turned = {
          ...input,
          hosts: [...input.hosts].reverse(),
          reserved: new Map([...input.reserved].reverse()),
          demand: new Map([...(input.demand ?? [])].reverse()),
        };
        assert.deepEqual([...allocate(turned)], [...allocate(input)]);
      }),
    );
  });
});
