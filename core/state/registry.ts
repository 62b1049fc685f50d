import * as z from 'zod';
import { no, ok, type Result } from '../result.ts';
import { inPlainWords, type Misfit, misfitsOf } from './registry-misfit.ts';
import { RegistryImportSchema, RegistrySchema } from './registry-schema.ts';

export type { Misfit } from './registry-misfit.ts';

export { COLLECTIONS, type Collection, SECTIONS, type Section } from './registry-sections.ts';

/** The registry as validated: lists of ids are sets, sorted and without repetition. */
export type Registry = z.infer<typeof RegistrySchema>;
/** What a file to be merged may hold. */
export type RegistryImport = z.infer<typeof RegistryImportSchema>;
/** A person or a host as the registry has it. */
export type RegistryPerson = Registry['people'][string];
export type RegistryHost = Registry['hosts'][string];
/** A rule, and one side of it. */
export type RegistryRule = Registry['rules'][string];
export type RegistrySelection = NonNullable<RegistryRule['allow']>;

/** JSON Schema (draft 2020-12) of the registry or of a file to be merged. */
export function registryJsonSchema(of: 'registry' | 'import' = 'registry'): Record<string, unknown> {
  const schema = of === 'registry' ? RegistrySchema : RegistryImportSchema;
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown>;
}

/** Validates the form of a registry; `misfits` lists all that is wrong. The value is normal: sets sorted, copies throughout. */
export function parseRegistry(
  value: unknown,
): Result<Registry, 'schema'> & { readonly misfits?: readonly Misfit[] } {
  return parsed(RegistrySchema, value);
}

/** Validates the form of a file to be merged, as `parseRegistry` does. */
export function parseRegistryImport(
  value: unknown,
): Result<RegistryImport, 'schema'> & { readonly misfits?: readonly Misfit[] } {
  return parsed(RegistryImportSchema, value);
}

function parsed<T>(
  schema: z.ZodType<T>,
  value: unknown,
): Result<T, 'schema'> & { readonly misfits?: readonly Misfit[] } {
  const verdict = schema.safeParse(value, { error: inPlainWords });
  if (verdict.success) return ok(sorted(verdict.data) as T);
  const misfits = misfitsOf(verdict.error);
  const sentences = misfits.map(({ message, path }) => (path === '' ? message : `${path}: ${message}`));
  return { ...no('schema' as const, sentences.join('; ')), misfits };
}

/** Every list in a registry is a set: order and repetition carry no meaning, so one order is kept. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value)].sort();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [[k, sorted(v)]])),
  );
}

/** Seats of a feature that may be in use at the same instant: those that it has, and those that it may overdraw. */
export function allSeats(feature: Registry['features'][string] | undefined): number {
  return (feature?.seats ?? 0) + (feature?.overdraft ?? 0);
}

/** The entry under an id, and nothing that an object inherits: `constructor` is a possible id. */
export function entryOf<T>(collection: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(collection, key) ? collection[key] : undefined;
}
