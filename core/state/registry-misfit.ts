import type * as z from 'zod';

/** One thing that is wrong with a registry, where, and in a sentence. */
export interface Misfit {
  readonly path: string;
  readonly message: string;
}

/** Characters of a wrong value that a sentence repeats. */
const SHOWN = 60;

/** For a part of the form: says what is expected there, with an example or every choice, and what came. Fields of another name are no matter of the part itself. */
export function expecting(what: string): z.core.$ZodErrorMap {
  return ({ code, input }) => (code === 'unrecognized_keys' ? undefined : `expected ${what}, ${came(input)}`);
}

/** For all parts that say nothing themselves: lists, maps, choices and names of fields. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  const { input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownFields(issue.keys, issue.inst);
    case 'invalid_value':
      return `expected ${choices(issue.values)}, ${came(input)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? `${issue.path?.at(-1)?.toString()} cannot be a name here`;
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}, ${came(input)}`;
    default:
      return undefined;
  }
};

/** The sentences of a failed parse, each with its path. */
export function misfitsOf(error: z.core.$ZodError): readonly Misfit[] {
  return error.issues.map(({ message, path }) => ({ path: path.map(String).join('.'), message }));
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list, such as [a, b]',
  boolean: 'true or false',
  object: 'fields by their names',
  record: 'entries by their ids',
};

function unknownFields(keys: readonly string[], form: unknown): string {
  const known = fieldsOf(form);
  const none = `there is no ${keys.map(quoted).join(', no ')} here`;
  return known.length === 0 ? none : `${none}; there may be ${known.join(', ')}`;
}

function fieldsOf(form: unknown): readonly string[] {
  const { shape = {} } = (form as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def ?? {};
  return Object.keys(shape);
}

function choices(values: readonly unknown[]): string {
  const words = values.map(String);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

function came(value: unknown): string {
  if (value === undefined) return 'and it is missing';
  if (value === null) return 'came nothing';
  if (Array.isArray(value)) return 'came a list';
  if (typeof value === 'object') return 'came fields';
  if (typeof value === 'string') return `came ${value === '' ? 'an empty text' : quoted(value)}`;
  return `came ${String(value)}`;
}

/** A value may be a megabyte of somebody's file, and hold what a terminal obeys. */
function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
