import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HeldLease, Lease } from '../../core/engine/lease.ts';
import { LeaseTable } from '../../core/engine/lease-table.ts';
import type { PrincipalId } from '../../core/units.ts';
import { LEASE } from '../support/leases.ts';

const FEATURES = ['draw', 'print'];
const USERS = ['ana', 'ben'];
const TIES = ['connection', 'borrow', 'linger'] as const;
const IDS = ['a', 'b', 'c', 'd'];

const lease = fc.record({
  id: fc.constantFrom(...IDS),
  feature: fc.constantFrom(...FEATURES),
  user: fc.constantFrom(...USERS),
  tie: fc.constantFrom(...TIES),
  under: fc.option(fc.constantFrom(...IDS), { nil: undefined }),
});
const act = fc.oneof(
  lease.map((what) => ({ put: what })),
  fc.constantFrom(...IDS).map((id) => ({ drop: id })),
);

function held({
  under,
  user,
  ...what
}: {
  id: string;
  feature: string;
  user: string;
  under?: string | undefined;
}) {
  const whole: Lease = {
    ...LEASE,
    ...what,
    user: user as PrincipalId,
    ...(under === undefined ? {} : { under }),
  };
  return { lease: whole, holder: { kind: 'process' } } as const;
}

describe('the leases of a host', () => {
  it('are found by feature, user and seat as by a walk over all of them, whatever came and went', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const table = new LeaseTable();
        const plain = new Map<string, HeldLease>();
        for (const one of acts) {
          if ('put' in one) {
            table.put(held(one.put));
            plain.set(one.put.id, held(one.put));
          } else {
            table.delete(one.drop);
            plain.delete(one.drop);
          }
          assert.deepEqual([...table.values()], [...plain.values()]);
          assert.deepEqual([...table.keys()], [...plain.keys()]);
          assert.equal(table.size, plain.size);
          compare(table, plain);
        }
      }),
    );
  });
});

function compare(table: LeaseTable, plain: ReadonlyMap<string, HeldLease>): void {
  const walk = (fits: (lease: Lease) => boolean) =>
    sorted([...plain.values()].filter(({ lease: each }) => fits(each)));
  for (const feature of FEATURES) {
    const seats = walk((each) => each.feature === feature && each.under === undefined).length;
    assert.equal(table.inUse.get(feature) ?? 0, seats);
    assert.deepEqual(
      sorted(table.ofFeature(feature)),
      walk((each) => each.feature === feature),
    );
    for (const [user, tie] of USERS.flatMap((user) => TIES.map((tie) => [user, tie] as const))) {
      assert.deepEqual(
        sorted(table.ofUser(feature, user, tie)),
        walk((each) => each.feature === feature && each.user === user && each.tie === tie),
      );
    }
  }
  for (const id of IDS) {
    assert.deepEqual(table.has(id), plain.has(id));
    assert.deepEqual(table.get(id), plain.get(id));
    assert.deepEqual(
      sorted(table.under(id)),
      walk((each) => each.under === id),
    );
  }
}

function sorted(leases: readonly HeldLease[]): readonly HeldLease[] {
  return leases.toSorted((a, b) => (a.lease.id < b.lease.id ? -1 : 1));
}
