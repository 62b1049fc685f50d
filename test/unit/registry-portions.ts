import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { type RegistryEdit, registryPortions } from '../../core/state/registry-portions.ts';
import { rebaseRegistry } from '../../core/state/registry-rebase.ts';
import { registries } from '../support/any-registries.ts';
import { registry } from '../support/registry-agent.ts';

function editsOf(before: object, after: object, maxBytes = 10_000): readonly RegistryEdit[] {
  const edits = registryPortions({ ...before }, { ...after }, maxBytes);
  assert(edits.ok, edits.ok ? '' : edits.detail);
  return edits.value;
}

/** The registries after each edit in turn. */
function madeOf(present: unknown, edits: readonly RegistryEdit[]): readonly unknown[] {
  const made: unknown[] = [];
  for (const edit of edits) made.push(rebaseRegistry(edit.was, edit.registry, made.at(-1) ?? present));
  return made;
}

/** The small registry with this many people in it. */
function crowded(people: number): Registry {
  const parsed = parseRegistry({
    ...registry(),
    people: Object.fromEntries(Array.from({ length: people }, (_, i) => [`p${i}`, { name: `Person ${i}` }])),
    groups: {},
  });
  assert(parsed.ok);
  return parsed.value;
}

describe('A change of a registry in portions', () => {
  it('is none where nothing changes', () => {
    assert.deepEqual(editsOf(registry(), structuredClone(registry())), []);
  });

  it('has of a large registry only the entry that changes, as it was and as it is to be', () => {
    const before = crowded(5000);
    const after = { ...before, people: { ...before.people, p7: { name: 'Seven' } } };
    assert.deepEqual(editsOf(before, after), [
      { was: { people: { p7: { name: 'Person 7' } } }, registry: { people: { p7: { name: 'Seven' } } } },
    ]);
  });

  it('makes, in turn, one registry of the other, by way of registries of good form, none larger than allowed', () => {
    fc.assert(
      fc.property(registries, registries, fc.integer({ min: 1500, max: 4000 }), (before, after, maxBytes) => {
        const edits = editsOf(before, after, maxBytes);
        for (const edit of edits) assert(Buffer.byteLength(JSON.stringify(edit)) <= maxBytes);
        const made = madeOf(before, edits);
        for (const each of made) assert.equal(parseRegistry(each).ok, true);
        assert.deepEqual(made.at(-1) ?? before, after);
      }),
    );
  });

  it('is as many as it must be and no more', () => {
    const [before, after] = [crowded(0), crowded(2000)];
    const bytes = Buffer.byteLength(JSON.stringify(after.people));
    const edits = editsOf(before, after, 20_000);
    assert(edits.length >= bytes / 20_000);
    assert(edits.length <= (4 * bytes) / 20_000, `${edits.length} for ${bytes} bytes`);
    assert.deepEqual(madeOf(before, edits).at(-1), after);
  });

  it('leaves what others have changed and added meanwhile in a section of which everything goes', () => {
    const before = registry();
    const present = { ...before, people: { ...before.people, cy: { name: 'Cy' } } };
    const [made] = madeOf(present, editsOf(before, { ...before, people: {} }));
    assert.deepEqual((made as Registry).people, { cy: { name: 'Cy' } });
  });

  it('brings an entry back whole that somebody else has removed meanwhile', () => {
    const before = registry();
    const [feature] = Object.values(before.features);
    const after = { ...before, features: { 'sim.pro': { ...feature, seats: 9 } } };
    const [made] = madeOf({ ...before, features: {} }, editsOf(before, after));
    assert.deepEqual(made, after);
  });

  it('gives back a section that a registry without its form has not, and takes away what has no place', () => {
    const { people: _, ...broken } = registry();
    const odd = { ...broken, hosts: 'none', nonsense: { a: 1 } };
    const edits = editsOf(odd, registry());
    assert.deepEqual(madeOf(odd, edits).at(-1), registry());
  });

  it('is refused where one entry alone is too large, before any of it is made', () => {
    const before = crowded(10);
    const after = {
      ...before,
      people: { ...before.people, p9: { name: 'x'.repeat(200), note: '€'.repeat(400) } },
    };
    const refused = registryPortions(before, after, 1000);
    assert.equal(refused.ok, false);
    assert.match(
      refused.ok ? '' : (refused.detail ?? ''),
      /^expected at most 1000 bytes for people\/p9 as it was/,
    );
  });
});
