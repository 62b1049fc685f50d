import { parse as parseYaml, stringify, YAMLParseError } from 'yaml';
import { nodeCrypto } from '../adapters/crypto-node.ts';
import { compile, rosterOf } from '../state/compile.ts';
import { codesOf } from '../state/grants.ts';
import {
  COLLECTIONS,
  type Misfit,
  parseRegistry,
  parseRegistryImport,
  type Registry,
  type RegistryImport,
  registryJsonSchema,
  SECTIONS,
} from '../state/registry.ts';
import { adviseRegistry } from '../state/registry-check.ts';
import { adviseRoster } from '../state/roster-check.ts';
import type { Hash, PublicKey } from '../units.ts';
import { signedGrants } from '../verify/grant.ts';
import { NO_HASH } from '../wire/record.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { textFrom } from './prompt.ts';
import { Refusal } from './refusal.ts';

/** What `registry validate` and `registry schema` are told. */
export interface SchemaOptions {
  readonly import?: boolean;
}

interface Remark {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** `registry schema`: the JSON Schema, for editors and other tools. */
export async function printSchema(io: CommandIo, options: SchemaOptions): Promise<ExitCode> {
  const schema = registryJsonSchema(options.import === true ? 'import' : 'registry');
  io.out.show('RegistrySchema', schema, () => [JSON.stringify(schema, null, 2)]);
  return EXIT.success;
}

/** `registry validate`: everything that is wrong with a file, each with its path and a sentence. */
export async function validateFile(
  io: CommandIo,
  options: SchemaOptions & { readonly file: string },
): Promise<ExitCode> {
  const value = await valueFrom(io, options.file);
  const form = options.import === true || isPart(value) ? 'import' : 'registry';
  const { advice, problems } = form === 'import' ? examineImport(value) : await examine(value);
  return tell(io, { form, problems, advice }, form === 'import' ? 'valid, as sections to import' : 'valid');
}

/** `registry validate` without a file: the same of the draft, by whoever may compile it. */
export async function validateDraft(io: CommandIo, options: SchemaOptions): Promise<ExitCode> {
  if (options.import === true) {
    throw new Refusal(
      'USAGE',
      'expected the file that is to be imported',
      'leasehold registry validate FILE',
    );
  }
  const agent = await io.agent();
  const { base, registry } = await agent.request('registry', { version: 'draft' });
  const parsed = parseRegistry(registry);
  const advice = parsed.ok ? [...adviseRegistry(parsed.value), ...adviseRoster(rosterOf(parsed.value))] : [];
  const compiled = parsed.ok ? (await agent.request('draft', {})).problems : [];
  const problems = parsed.ok
    ? compiled.map(({ code, path, text }) => ({ path, code, message: text }))
    : ofForm(parsed.misfits);
  return tell(io, { form: 'draft', problems, advice }, `the draft on v${base} is valid`);
}

function tell(
  io: CommandIo,
  found: {
    readonly form: 'registry' | 'import' | 'draft';
    readonly problems: readonly Remark[];
    readonly advice: readonly Remark[];
  },
  praise: string,
): ExitCode {
  const { advice, form, problems } = found;
  const valid = problems.length === 0;
  io.out.show('Validation', { valid, form, problems, advice }, () => [
    ...problems.map((one) => `${io.out.tone('✗', 'red')} ${sentence(one)}`),
    ...advice.map((one) => `${io.out.tone('!', 'yellow')} ${sentence(one)}`),
    valid
      ? `${io.out.tone('✓', 'green')} ${praise}`
      : `${counted(problems.length, 'problem')}${form === 'draft' ? ' of the draft' : ''}`,
  ]);
  return valid ? EXIT.success : EXIT.failure;
}

/** A path and what is wrong there, in one line. */
export function sentence({ path, message }: { readonly path: string; readonly message: string }): string {
  return `${path === '' ? 'the whole' : path}: ${message}`;
}

/** The sections in a file to be imported. Ends the command where it has not the form. */
export async function importFrom(io: CommandIo, file: string): Promise<RegistryImport> {
  const parsed = parseRegistryImport(await valueFrom(io, file));
  if (parsed.ok) return parsed.value;
  throw new Refusal(
    'INVALID_FILE',
    `${file} is no registry: ${parsed.detail}`,
    `leasehold registry validate ${file}`,
  );
}

/** A registry as YAML, in the order in which it stands. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

async function valueFrom(io: CommandIo, file: string): Promise<unknown> {
  const text = await textFrom(io, file);
  if (bracketsIn(text) > MAX_NESTED) throw tooDeep(file);
  try {
    return parseYaml(text);
  } catch (error) {
    // Indentation nests without brackets.
    if (error instanceof Error && error.message.includes('call stack')) throw tooDeep(file);
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    throw new Refusal('INVALID_FILE', `${file} is neither YAML nor JSON: ${error.message}`);
  }
}

/** Levels of brackets in a file; an entry of a registry has no more than a few. */
const MAX_NESTED = 64;

function tooDeep(file: string): Refusal {
  const expected = `expected sections of a registry with entries in them, came more than ${MAX_NESTED} levels of nesting`;
  return new Refusal('INVALID_FILE', `${file} is no registry: ${expected}`);
}

/** How many brackets are open at once at most, outside of texts in double quotes. */
function bracketsIn(text: string): number {
  let open = 0;
  let most = 0;
  for (const [piece] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (piece === '[' || piece === '{') open += 1;
    else if (piece === ']' || piece === '}') open -= 1;
    most = Math.max(most, open);
  }
  return most;
}

/** Whether some sections of a registry are there and others are not: what is there is meant to be imported. */
function isPart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const present = [...COLLECTIONS, ...SECTIONS].map((section) => Object.hasOwn(value, section));
  return present.includes(true) && present.includes(false);
}

function examineImport(value: unknown): { problems: readonly Remark[]; advice: readonly Remark[] } {
  const parsed = parseRegistryImport(value);
  return { problems: parsed.ok ? [] : ofForm(parsed.misfits), advice: [] };
}

/** All that is wrong with a registry, and worth a word, as far as it can be told without the versions before it. */
export async function examine(
  value: unknown,
): Promise<{ problems: readonly Remark[]; advice: readonly Remark[] }> {
  const parsed = parseRegistry(value);
  if (!parsed.ok) return { problems: ofForm(parsed.misfits), advice: [] };
  const registry = parsed.value;
  const keys = keysIn(registry);
  const verdict = compile({
    registry,
    realm: NO_HASH as Hash,
    version: 1,
    parent: NO_HASH as Hash,
    parentRoster: null,
    // Without an agent there are no joins to compare with: the keys are taken as they stand.
    grants: new Set(await signedGrants(codesOf(registry), nodeCrypto)),
    keyOf: (log) => keys.get(String(log)),
  });
  return {
    problems: verdict.problems ?? [],
    advice: [...adviseRegistry(registry), ...adviseRoster(rosterOf(registry))],
  };
}

function ofForm(misfits: readonly Misfit[] | undefined): readonly Remark[] {
  return (misfits ?? []).map((misfit) => ({ ...misfit, code: 'schema' }));
}

function keysIn({ hosts, people }: Registry): ReadonlyMap<string, PublicKey> {
  const logs = [...Object.values(hosts), ...Object.values(people)].map((entry) => entry.logs ?? {});
  return new Map(logs.flatMap(Object.entries) as [string, PublicKey][]);
}
