import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keptSeats } from '../../core/decide/limits.ts';
import type { Configuration } from '../../core/state/compile.ts';
import type { Registry } from '../../core/state/registry.ts';
import type { PrincipalId } from '../../core/units.ts';
import { smallRegistry } from '../support/registries.ts';

const HOSTS = ['ws01', 'ws02', 'ws03', 'ws04', 'ws05'] as PrincipalId[];
const anyLots = fc.dictionary(fc.constantFrom(...HOSTS), fc.integer({ min: 1, max: 9 }), {
  noNullPrototype: true,
});
const anyKeep = fc.integer({ min: 1, max: 30 });
const anyHosts = fc.option(fc.uniqueArray(fc.constantFrom(...HOSTS), { minLength: 1 }));

/** The seats that each host keeps by a rule, for people of certain hosts only where these are given. */
function kept(keep: number, lots: Readonly<Record<string, number>>, hosts: readonly string[] | null) {
  const forWhom = hosts === null ? { people: ['ana'] } : { hosts: [...hosts] };
  const rules: Registry['rules'] = { r: { feature: 'ray-batch', for: forWhom, keep } };
  const all = Object.fromEntries(HOSTS.map((id) => [id, { name: id, class: 'office' }]));
  const configuration = {
    registry: { ...smallRegistry(), hosts: all, rules },
    lots: new Map([['ray-batch', new Map(Object.entries(lots))]]),
  } as unknown as Configuration;
  return new Map(
    HOSTS.map((host) => [host, keptSeats({ configuration, feature: 'ray-batch', host, uses: () => [] })]),
  );
}

describe('Seats that a rule keeps', () => {
  it('are all that it names, as far as the lots of its hosts reach, and no host keeps more than its lot', () => {
    fc.assert(
      fc.property(anyKeep, anyLots, anyHosts, (keep, lots, hosts) => {
        const each = kept(keep, lots, hosts);
        const mine = HOSTS.filter((host) => hosts?.includes(host) ?? true);
        const room = mine.reduce((sum, host) => sum + (lots[host] ?? 0), 0);
        const sum = [...each.values()].reduce((all, seats) => all + seats, 0);
        assert.equal(sum, Math.min(keep, room));
        for (const [host, seats] of each) assert.ok(seats <= (mine.includes(host) ? (lots[host] ?? 0) : 0));
      }),
    );
  });

  it('are in equal parts where the lots have room, the rest with those first in id order', () => {
    fc.assert(
      fc.property(anyKeep, anyLots, anyHosts, (keep, lots, hosts) => {
        const each = kept(keep, lots, hosts);
        const open = HOSTS.filter((host) => (hosts?.includes(host) ?? true) && (lots[host] ?? 0) > 0);
        for (const [i, host] of open.entries()) {
          const own = each.get(host) ?? 0;
          if (own === lots[host]) continue;
          for (const [j, other] of open.entries()) assert.ok((each.get(other) ?? 0) <= own + (j < i ? 1 : 0));
        }
      }),
    );
  });
});
