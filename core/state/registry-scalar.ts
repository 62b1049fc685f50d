import * as z from 'zod';
import { RegistrySchema } from './registry-schema.ts';

/** What a text that was typed for a place of the registry is read as. */
type Scalar = 'number' | 'switch' | 'text';

/** What the form of the registry wants at a path, read from that form itself, so that no field can be forgotten. */
export function scalarAt(path: readonly string[]): Scalar {
  const form = path.reduce<unknown>((place, key) => under(place, key), RegistrySchema);
  const plain = bare(form);
  if (plain instanceof z.ZodNumber) return 'number';
  return plain instanceof z.ZodBoolean ? 'switch' : 'text';
}

function under(form: unknown, key: string): unknown {
  const plain = bare(form);
  if (plain instanceof z.ZodRecord) return plain.valueType;
  const shape: Readonly<Record<string, unknown>> = plain instanceof z.ZodObject ? plain.shape : {};
  return Object.hasOwn(shape, key) ? shape[key] : undefined;
}

function bare(form: unknown): unknown {
  return form instanceof z.ZodOptional || form instanceof z.ZodDefault ? bare(form.unwrap()) : form;
}
