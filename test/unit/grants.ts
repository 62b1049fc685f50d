import assert from 'node:assert/strict';
import {
  type CompileInput,
  type Configuration,
  compile,
  encodeConfiguration,
} from '../../core/state/compile.ts';
import { importGrants } from '../../core/state/grant-import.ts';
import { codesOf, heldGrants } from '../../core/state/grants.ts';
import { endText, periodEnd, periodStart, startText } from '../../core/state/period.ts';
import { parseRegistry, type Registry, registryJsonSchema } from '../../core/state/registry.ts';
import type { Hash, PublicKey } from '../../core/units.ts';
import { seconds } from '../../core/units.ts';
import { signedGrants } from '../../core/verify/grant.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import {
  codeOf,
  forgedCode,
  type Granting,
  grantedRegistry,
  NORTHLIGHT,
  STRANGER,
  sealedOf,
} from '../support/grants.ts';
import { nodeCrypto } from '../support/keys.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const REALM = 'aa'.repeat(32) as Hash;
const OTHER = 'ab'.repeat(32) as Hash;
/** The middle of 2030. */
const NOW = periodStart('2030-06-30') ?? seconds(0);

async function compiled(registry: Registry, more: Partial<CompileInput> = {}) {
  const grants = new Set(await signedGrants(codesOf(registry), nodeCrypto));
  const keyOf = (log: number) => keyOfLog(log) as PublicKey;
  const on = { realm: REALM, version: 2, parent: OTHER, parentRoster: null, keyOf, grants };
  return compile({ registry, ...on, ...more });
}

async function problems(registry: Registry, more: Partial<CompileInput> = {}): Promise<string[]> {
  const verdict = await compiled(registry, more);
  return (verdict.problems ?? []).map(({ code, message, path }) => `${path} ${code}: ${message}`);
}

type Change = (registry: Registry) => void | Promise<void>;

describe('seats that a vendor grants', () => {
  const cases: readonly [
    why: string,
    grantings: readonly Granting[],
    change: Change,
    expected: readonly RegExp[],
  ][] = [
    ['as many as there are seats compile', [{}], () => undefined, []],
    [
      'more than there are seats compile',
      [{ features: { 'ray-batch': 50, 'ray-view': 2 } }],
      () => undefined,
      [],
    ],
    [
      'fewer than there are seats do not',
      [{ features: { 'ray-batch': 4, 'ray-view': 2 } }],
      () => undefined,
      [
        /^features\.ray-batch\.seats over-granted: 5 seats, 4 are granted by northlight from 2030-01-01 in the period ray-2030: set seats=4, or/,
      ],
    ],
    [
      'of two codes add up',
      [
        { id: 'a', features: { 'ray-batch': 3, 'ray-view': 2 } },
        { id: 'b', features: { 'ray-batch': 2 } },
      ],
      () => undefined,
      [],
    ],
    [
      'of two codes add up only while both are in force',
      [
        { id: 'a', features: { 'ray-batch': 3, 'ray-view': 2 } },
        { id: 'b', features: { 'ray-batch': 2 }, until: '2030-06-30' },
      ],
      () => undefined,
      [
        /^features\.ray-batch\.seats over-granted: 5 seats, 3 are granted by northlight from 2030-07-01 in the period/,
      ],
    ],
    [
      'follow each other without a gap',
      [
        { id: 'a', until: '2030-06-30' },
        { id: 'b', from: '2030-07-01' },
      ],
      () => undefined,
      [],
    ],
    [
      'leave no gap between each other',
      [
        { id: 'a', until: '2030-06-29' },
        { id: 'b', from: '2030-07-01' },
      ],
      () => undefined,
      [
        /^periods\.ray-2030\.until not-granted: ray-batch is granted by northlight until 2030-06-29, the period ends 2030-12-31: set until=2030-06-29/,
        /ray-view/,
      ],
    ],
    [
      'end before the period does',
      [{ until: '2030-11-30T12:00Z' }],
      () => undefined,
      [
        /until not-granted: ray-batch .* until 2030-11-30T12:00:00Z, .*: set until=2030-11-30T12:00:00Z/,
        /ray-view/,
      ],
    ],
    [
      'begin after the period does: they are not yet valid',
      [{ from: '2030-02-01' }],
      () => undefined,
      [
        /^periods\.ray-2030\.from not-granted: ray-batch is granted by northlight from 2030-02-01, the period begins 2030-01-01: set from=2030-02-01/,
        /ray-view/,
      ],
    ],
    [
      'ended before the period begins: they have expired',
      [{ from: '2029-01-01', until: '2029-12-31' }],
      () => undefined,
      [
        /^periods\.ray-2030\.from not-granted: nothing of ray-batch is granted by northlight in this period/,
        /ray-view/,
      ],
    ],
    [
      'are wanted of each feature',
      [{ features: { 'ray-batch': 5 } }],
      () => undefined,
      [/nothing of ray-view is granted/],
    ],
    [
      'are not wanted of a feature without seats, nor of one that no period opens',
      [{ features: { 'ray-batch': 5 } }],
      ({ features }) => {
        features['ray-view'] = { name: 'Viewer', software: 'raytracer', seats: 0 };
        features.later = { name: 'Later', software: 'raytracer', seats: 9 };
      },
      [],
    ],
    [
      'of one code count once, though another stands in its place',
      [{ id: 'a' }, { id: 'b', supersedes: 'a', features: { 'ray-batch': 4, 'ray-view': 2 } }],
      () => undefined,
      [/over-granted: 5 seats, 4 are granted/],
    ],
    [
      'are not taken away by another vendor, who says that its code stands in place of theirs',
      [{}],
      async (registry) => {
        registry.vendors.acme = { name: 'Acme', keys: [STRANGER.key] };
        registry.software.painter = { name: 'Painter', grantedBy: 'acme' };
        registry.features.paint = { name: 'Painting', software: 'painter', seats: 1 };
        const granting = { id: 'rival', supersedes: 'order-1', product: 'painter', features: { paint: 1 } };
        registry.grants.rival = { code: await codeOf(granting, STRANGER) };
      },
      [],
    ],
    [
      'do not count where each of two codes stands in place of the other',
      [
        { id: 'a', supersedes: 'b' },
        { id: 'b', supersedes: 'a' },
      ],
      () => undefined,
      [/nothing of ray-batch/, /nothing of ray-view/],
    ],
    [
      'may be lent by another vendor only for its own software',
      [{}],
      (registry) => {
        registry.vendors.other = { name: 'Other', keys: [STRANGER.key] };
        registry.software.raytracer = { name: 'Ray tracer', grantedBy: 'other' };
      },
      [
        /grants\.order-1\.code grant-other-vendor: northlight signed it, seats of raytracer are granted by other/,
        /nothing/,
        /nothing/,
      ],
    ],
    [
      'are nobody’s where software names no vendor',
      [],
      ({ software }) => {
        software.raytracer = { name: 'Ray tracer', vendor: 'Northlight' };
      },
      [],
    ],
    [
      'are granted by a vendor that there is',
      [],
      (registry) => {
        registry.vendors = {};
      },
      [/nothing/, /nothing/, /software\.raytracer\.grantedBy unknown-id: there is no northlight in vendors/],
    ],
    [
      'are not granted by a key that nobody trusts',
      [{}],
      ({ vendors }) => {
        vendors.northlight = { name: 'Northlight', keys: [] };
      },
      [/grant-unknown-vendor: signed by [0-9a-f]{64}, a key of no vendor here/, /nothing/, /nothing/],
    ],
    [
      'come from a retired key as well as from a new one',
      [{}],
      ({ vendors }) => {
        vendors.northlight = { name: 'Northlight', keys: [NORTHLIGHT.key, STRANGER.key] };
      },
      [],
    ],
    [
      'have one vendor for each key',
      [{}],
      (registry) => {
        registry.vendors.zenith = { name: 'Zenith', keys: [NORTHLIGHT.key] };
      },
      [/vendors\.zenith\.keys key-twice: [0-9a-f]{64} is northlight's too/],
    ],
    ['of a code for this realm compile', [{ realm: REALM }], () => undefined, []],
    [
      'of a code for another realm do not',
      [{ realm: OTHER }],
      () => undefined,
      [/grant-other-realm: it is for the realm abab/, /nothing/, /nothing/],
    ],
    [
      'do not come from a code that the vendor has not signed',
      [],
      async ({ grants }) => {
        grants['order-1'] = { code: await forgedCode() };
      },
      [
        /grants\.order-1\.code grant-bad-signature: its signature is not of the key that it names/,
        /nothing/,
        /nothing/,
      ],
    ],
    [
      'do not come twice from one code under two ids',
      [{ features: { 'ray-batch': 3, 'ray-view': 2 } }],
      async ({ grants }) => {
        grants.again = { code: await codeOf({ features: { 'ray-batch': 3, 'ray-view': 2 } }) };
      },
      [
        /over-granted: 5 seats, 3 are granted/,
        /grants\.again\.code grant-other-id: the code calls itself order-1/,
      ],
    ],
    [
      'do not come from a code with a typo',
      [{}],
      async ({ grants }) => {
        grants['order-1'] = { code: (await codeOf()).split('-').with(6, 'ZZZZZZ').join('-') };
      },
      [/grant-unreadable: group 7 \(ZZZZZZ\) is mistyped/, /nothing/, /nothing/],
    ],
    [
      'are of features that there are',
      [{ features: { 'ray-batch': 5, 'ray-view': 2, 'ray-farm': 1 } }],
      () => undefined,
      [/grant-unknown-feature: there is no ray-farm in features/, /nothing/, /nothing/],
    ],
    [
      'are of features of their product',
      [{}],
      ({ features, software }) => {
        software.other = { name: 'Other' };
        features['ray-view'] = { name: 'Viewer', software: 'other', seats: 2 };
      },
      [/grant-unknown-feature: ray-view belongs to other, the code is for raytracer/, /nothing/],
    ],
    [
      'are of a product that there is',
      [{ product: 'painter' }],
      () => undefined,
      [/grant-unknown-product: there is no painter in software/, /nothing/, /nothing/],
    ],
  ];
  for (const [why, grantings, change, expected] of cases) {
    it(why, async () => {
      const registry = await grantedRegistry(...grantings);
      await change(registry);
      const found = await problems(registry);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const pattern of expected)
        assert(
          found.some((line) => pattern.test(line)),
          `${pattern}\n${found.join('\n')}`,
        );
    });
  }

  it('compile for nobody who has not verified their codes', async () => {
    const found = await problems(await grantedRegistry({}), { grants: undefined });
    assert.match(found.join(), /grant-bad-signature/);
  });

  it('may be bound to a realm before there is one', async () => {
    assert.deepEqual(await problems(await grantedRegistry({ realm: OTHER }), { realm: NO_HASH }), []);
  });

  it('compile to the same content whatever else has been verified, and in whatever order codes came', async () => {
    const [a, b] = [
      { id: 'a', features: { 'ray-batch': 3, 'ray-view': 2 } },
      { id: 'b', features: { 'ray-batch': 2 } },
    ];
    const one = await compiled(await grantedRegistry(a, b));
    const other = await compiled(await grantedRegistry(b, a), {
      grants: new Set([await codeOf({ id: 'c' }), await codeOf(b), await codeOf(a)]),
    });
    assert(one.ok && other.ok);
    assert.equal(contentHash(one.value), contentHash(other.value));
  });

  it('leave the content of a realm without vendors as it was before there were any', async () => {
    const verdict = await compiled(smallRegistry());
    assert(verdict.ok);
    assert.equal(contentHash(verdict.value), CONTENT_WITHOUT_VENDORS);
  });
});

/** What `smallRegistry` came to when a registry had neither vendors nor licence codes. */
const CONTENT_WITHOUT_VENDORS = '453a59472a0982c7aaa5f7d495265604ef67ed8e0c7ab645fc7e4fcceead96d2';

describe('licence codes in a registry', () => {
  it('are told apart: what counts, what is superseded, and what is wrong with the rest', async () => {
    const registry = await grantedRegistry(
      { id: 'a' },
      { id: 'b', supersedes: 'a' },
      { id: 'c', realm: OTHER },
    );
    registry.grants.d = { code: await forgedCode({ id: 'd', supersedes: 'b' }) };
    const signed = new Set(await signedGrants(codesOf(registry), nodeCrypto));
    const held = heldGrants(registry, { realm: REALM, signed });
    assert.deepEqual(
      held.map(({ flaw, id, supersededBy }) => [id, flaw?.reason ?? null, supersededBy]),
      [
        ['a', null, 'b'],
        // A forged code takes the place of none.
        ['b', null, null],
        ['c', 'other-realm', null],
        ['d', 'bad-signature', null],
      ],
    );
  });

  it('have the form that the schema says, and no copy of what they grant', async () => {
    const registry = await grantedRegistry({});
    const bad: readonly unknown[] = [
      { code: 'GRANT1-abc' },
      { code: '' },
      { code: (await codeOf()).toLowerCase() },
      { code: await codeOf(), seats: 5 },
    ];
    for (const entry of bad) {
      assert.equal(
        parseRegistry({ ...registry, grants: { 'order-1': entry } }).ok,
        false,
        JSON.stringify(entry),
      );
    }
    assert.equal(parseRegistry({ ...registry, vendors: { v: { name: 'V', keys: ['ab'] } } }).ok, false);
    assert.equal(parseRegistry(registry).ok, true);
  });

  it('may be absent from a file that was written before there were any', () => {
    const { grants: _, vendors: __, ...before } = smallRegistry();
    const parsed = parseRegistry(before);
    assert(parsed.ok);
    assert.deepEqual([parsed.value.grants, parsed.value.vendors], [{}, {}]);
    const { properties, required } = registryJsonSchema() as { properties: object; required: string[] };
    assert('grants' in properties && 'vendors' in properties);
    assert(!required.includes('grants'));
    assert.deepEqual(codesOf({ grants: { a: { code: 'x' }, b: null, c: { code: 7 } } }), ['x']);
    assert.deepEqual([codesOf(undefined), codesOf(null), codesOf({ grants: 'none' })], [[], [], []]);
  });
});

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
    const grants = [await sealedOf({ id: 'a' }), await sealedOf({ id: 'b', realm: OTHER })];
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
      { realm: OTHER },
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

describe('the ends of a period in words', () => {
  const cases: readonly [from: string, until: string][] = [
    ['2030-01-01', '2030-12-31'],
    ['2030-01-01T12:00:00Z', '2030-12-31T23:59:59Z'],
  ];
  for (const [from, until] of cases) {
    it(`are ${from} and ${until}, as a registry takes them`, () => {
      assert.equal(startText(periodStart(from) ?? seconds(0)), from);
      assert.equal(endText(periodEnd(until) ?? seconds(0)), until);
    });
  }
});

function contentHash(configuration: Configuration): Hash {
  return hashOf(encodeConfiguration(configuration));
}
