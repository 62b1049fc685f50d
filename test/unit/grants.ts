import assert from 'node:assert/strict';
import { type Configuration, encodeConfiguration } from '../../core/state/compile.ts';
import type { Hash } from '../../core/units.ts';
import { hashOf } from '../../core/wire/hash.ts';
import { NO_HASH } from '../../core/wire/record.ts';
import { type CompileCase, compiled, itCompiles, OTHER_REALM, problems } from '../support/granting-realm.ts';
import { codeOf, grantedRegistry } from '../support/grants.ts';
import { smallRegistry } from '../support/registries.ts';

describe('seats that a vendor grants', () => {
  const cases: readonly CompileCase[] = [
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
  ];
  itCompiles(cases);

  it('compile for nobody who has not verified their codes', async () => {
    const found = await problems(await grantedRegistry({}), { grants: undefined });
    assert.match(found.join(), /grant-bad-signature/);
  });

  it('may be bound to a realm before there is one', async () => {
    assert.deepEqual(await problems(await grantedRegistry({ realm: OTHER_REALM }), { realm: NO_HASH }), []);
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

function contentHash(configuration: Configuration): Hash {
  return hashOf(encodeConfiguration(configuration));
}
