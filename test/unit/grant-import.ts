import assert from 'node:assert/strict';
import { importGrants } from '../../core/state/grant-import.ts';
import { periodStart } from '../../core/state/period.ts';
import type { Registry } from '../../core/state/registry.ts';
import { seconds } from '../../core/units.ts';
import { OTHER_REALM, problems, REALM } from '../support/granting-realm.ts';
import { codeOf, type Granting, grantedRegistry, NORTHLIGHT, STRANGER, sealedOf } from '../support/grants.ts';
import { smallRegistry } from '../support/registries.ts';

/** The middle of 2030. */
const NOW = periodStart('2030-06-30') ?? seconds(0);

describe('importing licence codes', () => {
  const by = { realm: REALM, now: NOW, trust: null };

  async function importing(
    registry: Registry,
    granting: Granting,
    more: Partial<typeof by> | { trust: string } = {},
  ) {
    return importGrants(registry, [await sealedOf(granting)], { ...by, ...more });
  }

  it('takes them under their own ids, and the vendor grants their software from then on', async () => {
    const registry = await grantedRegistry();
    registry.software.raytracer = { name: 'Ray tracer' };
    const taken = await importing(registry, {});
    assert(taken.ok);
    const { grants, software } = taken.value.registry;
    assert.deepEqual(grants, { 'order-1': { code: await codeOf() } });
    assert.equal(software.raytracer?.grantedBy, 'northlight');
    assert.deepEqual(await problems(taken.value.registry), []);
  });

  it('twice comes to the same as once, with the note that stands there, and after the code has ended, too', async () => {
    const once = await importing(await grantedRegistry(), {});
    assert(once.ok);
    const noted = structuredClone(once.value.registry);
    noted.grants['order-1'] = { ...noted.grants['order-1'], code: await codeOf(), note: 'Cupboard 3' };
    const twice = await importing(noted, {}, { now: seconds(4_000_000_000) });
    assert(twice.ok);
    assert.deepEqual(twice.value.registry, noted);
    assert.equal(twice.value.imported[0]?.outcome, 'unchanged');
  });

  it('believes a key from then on when told whose it is, in one vendor or a new one', async () => {
    const strange = await sealedOf({}, STRANGER);
    const taken = importGrants(smallRegistry(), [strange], { ...by, trust: 'acme' });
    assert(taken.ok);
    assert.deepEqual(taken.value.registry.vendors, { acme: { name: 'acme', keys: [STRANGER.key] } });
    assert.equal(taken.value.imported[0]?.trusted, true);
    const second = importGrants(taken.value.registry, [await sealedOf({ id: 'order-2' })], {
      ...by,
      trust: 'acme',
    });
    assert(second.ok);
    assert.deepEqual(second.value.registry.vendors.acme?.keys, [NORTHLIGHT.key, STRANGER.key].sort());
  });

  it('takes one that is not valid yet: a renewal comes before it is needed', async () => {
    const taken = await importing(await grantedRegistry({}), {
      id: 'next',
      from: '2031-01-01',
      until: '2031-12-31',
    });
    assert.equal(taken.ok, true);
  });

  it('takes one that only another vendor says to have superseded', async () => {
    const registry = await grantedRegistry();
    registry.vendors.acme = { name: 'Acme', keys: [STRANGER.key] };
    registry.grants.rival = { code: await codeOf({ id: 'rival', supersedes: 'order-1' }, STRANGER) };
    assert.equal((await importing(registry, {})).ok, true);
  });

  it('takes all of several or none', async () => {
    const grants = [await sealedOf({ id: 'a' }), await sealedOf({ id: 'b', realm: OTHER_REALM })];
    assert.equal(importGrants(await grantedRegistry(), grants, by).ok, false);
    const both = importGrants(
      await grantedRegistry(),
      [await sealedOf({ id: 'a' }), await sealedOf({ id: 'a' })],
      by,
    );
    assert(both.ok);
    assert.deepEqual(Object.keys(both.value.registry.grants), ['a']);
  });

  const refusals: readonly [
    why: string,
    held: readonly Granting[],
    granting: Granting,
    more: Partial<typeof by> | { trust: string },
    reason: string,
    detail: RegExp,
  ][] = [
    ['has ended', [], { until: '2030-06-29' }, {}, 'expired', /^it ended with 2030-06-29$/],
    ['ends at this very instant', [], { until: '2030-06-30T00:00Z' }, {}, 'expired', /2030-06-29/],
    ['is superseded', [{ id: 'b', supersedes: 'order-1' }], {}, {}, 'superseded', /^b stands in its place$/],
    [
      'calls itself as another does',
      [{}],
      { note: 'another' },
      {},
      'id-taken',
      /^another code calls itself order-1/,
    ],
    [
      'is for another realm',
      [],
      { realm: OTHER_REALM },
      {},
      'other-realm',
      /^it is for the realm abab.*, this is aaaa/,
    ],
    ['is for another product', [], { product: 'painter' }, {}, 'unknown-product', /no painter in software/],
    [
      'names a feature that is not there',
      [],
      { features: { x: 1 } },
      {},
      'unknown-feature',
      /no x in features/,
    ],
    [
      'is signed by another than is said',
      [],
      {},
      { trust: 'acme' },
      'other-vendor',
      /is northlight's, not acme's/,
    ],
  ];
  for (const [why, held, granting, more, reason, detail] of refusals) {
    it(`refuses one that ${why}`, async () => {
      const taken = await importing(await grantedRegistry(...held), granting, more);
      assert.equal(taken.ok ? 'taken' : taken.reason, reason);
      assert.match(taken.ok ? '' : (taken.detail ?? ''), detail);
    });
  }

  it('refuses one whose key is nobody’s, and says by what to know it', async () => {
    const taken = importGrants(await grantedRegistry(), [await sealedOf({}, STRANGER)], by);
    assert.equal(taken.ok ? 'taken' : taken.reason, 'unknown-vendor');
    assert.match(taken.ok ? '' : (taken.detail ?? ''), /, fingerprint ([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  });
});
