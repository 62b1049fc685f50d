import { type CompileCase, itCompiles, OTHER_REALM, REALM } from '../support/granting-realm.ts';
import { codeOf, forgedCode, NORTHLIGHT, STRANGER } from '../support/grants.ts';

describe('licence codes that count for seats', () => {
  const cases: readonly CompileCase[] = [
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
      [{ realm: OTHER_REALM }],
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
  itCompiles(cases);
});
