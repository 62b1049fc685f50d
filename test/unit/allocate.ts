import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AllocationInput, allocate, explainLot } from '../../core/state/allocate.ts';

function totals(input: AllocationInput): Record<string, number> {
  return Object.fromEntries([...allocate(input)].map(([host, { total }]) => [host, total]));
}

describe('allocating seats', () => {
  const cases: [
    why: string,
    seats: number,
    reserved: Record<string, number>,
    hosts: string[],
    lots: Record<string, number>,
  ][] = [
    ['shares equally', 6, {}, ['a', 'b', 'c'], { a: 2, b: 2, c: 2 }],
    ['gives the rest in id order', 5, {}, ['c', 'b', 'a'], { a: 2, b: 2, c: 1 }],
    ['leaves out hosts for which none is left', 1, {}, ['a', 'b'], { a: 1 }],
    ['serves reservations first', 5, { b: 3 }, ['a', 'b'], { a: 1, b: 4 }],
    ['ignores reservations of hosts that are not there', 4, { z: 3 }, ['a', 'b'], { a: 2, b: 2 }],
    ['never gives more than there are', 2, { a: 2, b: 2 }, ['a', 'b'], { a: 2 }],
    ['gives nothing to nobody', 5, {}, [], {}],
    ['counts a host that is named twice once', 2, {}, ['a', 'a'], { a: 2 }],
  ];
  for (const [why, seats, reserved, hosts, lots] of cases) {
    it(why, () => {
      assert.deepEqual(totals({ seats, hosts, reserved: new Map(Object.entries(reserved)) }), lots);
    });
  }

  it('gives all seats if there is any host, shares differing by one at most', () => {
    const host = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.dictionary(host, fc.nat(20)),
        fc.uniqueArray(host, { minLength: 1 }),
        (seats, kept, hosts) => {
          const lots = [...allocate({ seats, hosts, reserved: new Map(Object.entries(kept)) }).values()];
          assert.equal(
            lots.reduce((sum, { total }) => sum + total, 0),
            seats,
          );
          const shares = hosts.map((_, i) => lots[i]?.share ?? 0);
          assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
        },
      ),
    );
  });

  it('explains each number', () => {
    const input = { seats: 6, hosts: ['a', 'b', 'c', 'd', 'e', 'f'], reserved: new Map([['b', 1]]) };
    const lots = allocate(input);
    assert.deepEqual(
      ['a', 'b', 'f', 'z'].map((host) => explainLot(input, lots, host)),
      [
        'a: 1 = 0 reserved + 1 shared; 5 of 6 seats are shared by 6 hosts',
        'b: 2 = 1 reserved + 1 shared; 5 of 6 seats are shared by 6 hosts',
        'f: 0 seats; 5 of 6 seats are shared by 6 hosts and went to those first in id order',
        'z: 0 seats, because it has not joined or the rules leave it out',
      ],
    );
  });
});
