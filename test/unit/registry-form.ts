import assert from 'node:assert/strict';
import { COLLECTIONS, parseRegistry, registryJsonSchema, SECTIONS } from '../../core/state/registry.ts';
import { RegistrySchema } from '../../core/state/registry-schema.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

describe('the form of a registry', () => {
  it('has the sections that are named apart from it, and no others', () => {
    assert.deepEqual([...COLLECTIONS, ...SECTIONS].sort(), Object.keys(RegistrySchema.shape).sort());
  });

  const cases: [why: string, reported: string, place: string, value: unknown][] = [
    ['an unknown section', '', 'extra', {}],
    ['an unknown field', 'people.ana', 'people.ana.age', 4],
    ['an id in capitals', 'hosts.WS09', 'hosts.WS09', { name: 'x', class: 'lab' }],
    ['seats that are no integer', 'features.ray-view.seats', 'features.ray-view.seats', 1.5],
    ['seats below zero', 'features.ray-view.seats', 'features.ray-view.seats', -1],
    ['a role that does not exist', 'people.bo.roles.0', 'people.bo.roles', ['king']],
    ['a key of the wrong length', 'people.bo.logs.12', 'people.bo.logs.12', 'ab'],
    ['a log id with a leading zero', 'people.bo.logs.012', 'people.bo.logs.012', keyOfLog(1)],
    ['a date in words', 'periods.ray-2030.from', 'periods.ray-2030.from', 'today'],
    ['half a surrogate pair', 'people.bo.name', 'people.bo.name', '\ud800'],
    ['a relay by another protocol', 'relays.main.url', 'relays.main.url', 'ftp://x'],
  ];
  for (const [why, reported, place, value] of cases) {
    it(`refuses ${why} and says where`, () => {
      const verdict = parseRegistry(withPlace(smallRegistry(), place.split('.'), value));
      assert.equal(verdict.ok, false);
      assert.deepEqual(
        verdict.misfits?.map(({ path }) => path),
        [reported],
      );
    });
  }

  it('keeps lists of ids as sorted sets', () => {
    const registry = smallRegistry();
    registry.groups.designers = { name: 'Designers', members: ['bo', 'ana', 'bo'] };
    const verdict = parseRegistry(registry);
    assert.deepEqual(verdict.ok && verdict.value.groups.designers?.members, ['ana', 'bo']);
  });

  it('is not polluted by a key that objects inherit', () => {
    const hostile = JSON.parse(
      JSON.stringify(smallRegistry()).replace('"people":{', '"people":{"__proto__":{"name":"x"},'),
    );
    parseRegistry(hostile);
    assert.equal(({} as { name?: string }).name, undefined);
  });

  for (const of of ['registry', 'import'] as const) {
    it(`describes every field in the JSON Schema of the ${of}`, () => {
      const schema = registryJsonSchema(of);
      assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
      assert.deepEqual(undescribed(schema, ''), []);
    });
  }
});

/** The registry with one place set to anything at all. */
function withPlace(registry: object, [key = '', ...rest]: string[], value: unknown): object {
  const below = (registry as Record<string, object>)[key] ?? {};
  return { ...registry, [key]: rest.length === 0 ? value : withPlace(below, rest, value) };
}

/** Paths of properties without a description. */
function undescribed(schema: unknown, path: string): string[] {
  const { properties = {}, additionalProperties } = schema as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  const here = Object.entries(properties).flatMap(([name, property]) => [
    ...(property.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(property, `${path}.${name}`),
  ]);
  return additionalProperties && typeof additionalProperties === 'object'
    ? [...here, ...undescribed(additionalProperties, `${path}.*`)]
    : here;
}
