import assert from 'node:assert/strict';
import { codesOf, heldGrants } from '../../core/state/grants.ts';
import { parseRegistry, registryJsonSchema } from '../../core/state/registry.ts';
import { codesIn, signedGrants, verifyGrant } from '../../core/verify/grant.ts';
import { OTHER_REALM, REALM } from '../support/granting-realm.ts';
import { codeOf, forgedCode, grantedRegistry } from '../support/grants.ts';
import { nodeCrypto } from '../support/keys.ts';
import { smallRegistry } from '../support/registries.ts';

describe('licence codes in a registry', () => {
  it('are told apart: what counts, what is superseded, and what is wrong with the rest', async () => {
    const registry = await grantedRegistry(
      { id: 'a' },
      { id: 'b', supersedes: 'a' },
      { id: 'c', realm: OTHER_REALM },
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

  it('count as signed only as they are in drafts: hosts find no other spelling there', async () => {
    const code = await codeOf();
    const spellings = [code.toLowerCase(), ` ${code}`, code.replaceAll('-', ' ')];
    for (const spelling of spellings) assert.equal((await verifyGrant(spelling, nodeCrypto)).ok, true);
    const update = new TextEncoder().encode([code, ...spellings].join(' '));
    assert.deepEqual([...new Set(codesIn(update))], [code]);
    assert.deepEqual(await signedGrants([...spellings, code], nodeCrypto), [code]);
  });
});
