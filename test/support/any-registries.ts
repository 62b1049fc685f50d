import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseRegistry, type Registry } from '../../core/state/registry.ts';
import { smallRegistry } from './registries.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const id = fc.constantFrom('a', 'b', 'c', 'constructor', 'x.y', 'note');
const ids = fc.uniqueArray(id, { maxLength: 4 }).map((list) => list.sort());
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const map = <T>(entry: fc.Arbitrary<T>) => fc.dictionary(id, entry, { maxKeys: 3, noNullPrototype: true });
const shaped = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { noNullPrototype: true });
const key = fc.constantFrom('0a'.repeat(32), 'f7'.repeat(32), '19'.repeat(32));
const selection = shaped({ people: optional(ids), groups: optional(ids), hosts: optional(ids) });

/** Registries of good form, whether or not they make sense. */
export const registries: fc.Arbitrary<Registry> = shaped({
  software: map(shaped({ name: text, note: optional(text) })),
  features: map(shaped({ name: text, software: id, seats: fc.nat(9), note: optional(text) })),
  groups: map(shaped({ name: text, members: optional(ids), hosts: optional(ids) })),
  people: map(shaped({ name: text, department: optional(text), note: optional(text) })),
  vendors: map(shaped({ name: text, keys: fc.uniqueArray(key, { maxLength: 3 }), note: optional(text) })),
  rules: map(shaped({ feature: id, allow: optional(selection), deny: optional(selection) })),
}).map((sections) => {
  const verdict = parseRegistry({ ...smallRegistry(), ...sections });
  assert(verdict.ok, 'detail' in verdict ? verdict.detail : '');
  return verdict.value;
});
