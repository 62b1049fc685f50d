import assert from 'node:assert/strict';
import { encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { type Configuration, compile, encodeConfiguration } from '../../core/state/compile.ts';
import { encodedMap } from '../../core/state/encoding.ts';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { reparseRegistry } from '../../core/state/registry-reparse.ts';
import { encodeRoster, rosterToValue } from '../../core/state/roster-codec.ts';
import { fromHex, type Hash, type LogId, type PublicKey } from '../../core/units.ts';
import { registries } from '../support/any-registries.ts';
import { keyOfLog, smallRegistry } from '../support/registries.ts';

const REALM = 'aa'.repeat(32) as Hash;
const PARENT = 'bb'.repeat(32) as Hash;

/** What is wrong with a registry somewhere, as a draft can spell it. */
const spoilt: readonly ((registry: Record<string, Record<string, unknown>>) => void)[] = [
  () => undefined,
  ({ features }) => {
    if (features !== undefined) features['ray-batch'] = { name: 'Batch', software: 'raytracer', seats: -1 };
  },
  ({ people }) => {
    if (people !== undefined) people['Not an id'] = { name: 'Nobody' };
  },
  ({ hosts }) => {
    if (hosts !== undefined) hosts.ws01 = { name: 'Workstation 1', class: 'office', colour: 'red' };
  },
  (registry) => {
    registry.rules = 'none' as never;
  },
  (registry) => {
    delete registry.groups;
  },
  (registry) => {
    delete registry.grants;
  },
  (registry) => {
    registry.surprises = {};
  },
];
const spoiling = fc.constantFrom(...spoilt);

/** Registries of which most compile: the collections that refer to each other stay as they are. */
const compiling = registries.map((registry): Registry => {
  const { people, software } = smallRegistry();
  const known = { ...smallRegistry(), people: { ...registry.people, ...people } };
  return { ...known, software: { ...registry.software, ...software } };
});

function configurationOf(registry: unknown, parent: Configuration | null): Configuration {
  const keyOf = (log: LogId) => keyOfLog(log) as PublicKey;
  const on = { realm: REALM, version: 2, parent: PARENT, parentRoster: parent?.roster ?? null, keyOf };
  const verdict = compile({ registry, ...on, before: parent ?? undefined });
  assert(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

/** What is encoded of a registry: sections that came later stand in it once they hold anything. */
function encodedRegistry({ grants, vendors, ...rest }: Registry): object {
  const filled = Object.entries({ grants, vendors }).filter(([, entries]) => Object.keys(entries).length > 0);
  return { ...rest, ...Object.fromEntries(filled) };
}

describe('a registry that changed, for any registries', () => {
  it('is parsed as if it were new, right or wrong', () => {
    fc.assert(
      fc.property(registries, registries, spoiling, (before, now, spoil) => {
        const value = structuredClone({ ...now, people: { ...now.people, ...before.people } });
        spoil(value as never);
        assert.deepEqual(reparseRegistry(value, before), parseRegistry(value));
      }),
      { numRuns: 300 },
    );
  });

  it('compiles upon another as if there were none', () => {
    fc.assert(
      fc.property(compiling, compiling, (before, now) => {
        const parent = configurationOf(before, null);
        const upon = configurationOf(structuredClone(now), parent);
        const alone = configurationOf(now, null);
        assert.deepEqual(upon, alone);
        assert.deepEqual(encodeConfiguration(upon), encodeConfiguration(alone));
      }),
      { numRuns: 100 },
    );
  });

  it('has maps in the one order and form, whatever texts are their keys', () => {
    const keys = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 20, maxLength: 300 }));
    fc.assert(
      fc.property(fc.uniqueArray(keys, { maxLength: 40 }), (texts) => {
        const parts = texts.map((key, i) => [key, encode(i)] as const);
        const whole = new Map(texts.map((key, i) => [key, i]));
        assert.deepEqual([...encodedMap(parts)], [...encode(whole, rfc8949EncodeOptions)]);
      }),
      { numRuns: 200 },
    );
  });

  it('is encoded as the standard says, part by part or as a whole', () => {
    fc.assert(
      fc.property(compiling, (registry) => {
        const configuration = configurationOf(registry, null);
        const { lots, roster, version } = configuration;
        const whole = new Map<string, unknown>([
          ['realm', fromHex(configuration.realm)],
          ['version', version],
          ['parent', fromHex(configuration.parent)],
          ['roster', rosterToValue(roster)],
          ['registry', encodedRegistry(configuration.registry)],
          ['lots', lots],
        ]);
        assert.deepEqual(encodeConfiguration(configuration), encode(whole, rfc8949EncodeOptions));
        assert.deepEqual(encodeRoster(roster), encode(rosterToValue(roster), rfc8949EncodeOptions));
      }),
      { numRuns: 100 },
    );
  });
});
