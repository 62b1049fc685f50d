import { COLLECTIONS, type Collection, parseRegistry, type Registry } from '../state/registry.ts';
import { type FindReason, getPath, listEntries, searchRegistry } from '../state/registry-find.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode, type RefusalCode } from './exit-codes.ts';
import { Refusal } from './refusal.ts';
import { sentence, toYaml } from './registry-file.ts';

/** What the reading commands of `registry` are told. */
export interface RegistryOptions {
  readonly at?: number;
  readonly in?: string;
  readonly format?: 'yaml' | 'json';
}

/** How each reason to refuse a path or a value ends a command. */
const FIND_REFUSALS = {
  'bad-path': 'USAGE',
  'not-found': 'NOT_FOUND',
  exists: 'CONFLICT',
  'bad-value': 'USAGE',
  schema: 'USAGE',
} as const satisfies Record<FindReason, RefusalCode>;

/** Ends the command with a reason of the registry's editor. */
export function refuse(reason: FindReason, detail: string | undefined): never {
  throw new Refusal(FIND_REFUSALS[reason], detail ?? reason, null);
}

/** The registry as drafted, or of a version. Ends the command where it has lost its form. */
export async function readRegistry(io: CommandIo, at: number | undefined): Promise<Registry> {
  const agent = await io.agent();
  const { registry } = await agent.request('registry', { version: at ?? 'draft' });
  const parsed = parseRegistry(registry);
  if (parsed.ok) return parsed.value;
  for (const misfit of parsed.misfits ?? []) io.out.warn(sentence(misfit));
  throw new Refusal('INVALID_REGISTRY', 'the registry has not its form', 'leasehold draft discard goes back');
}

/** `registry list`: entries of a collection, or how many each has. */
export async function listRegistry(
  io: CommandIo,
  options: RegistryOptions & { readonly collection?: string },
): Promise<ExitCode> {
  const registry = await readRegistry(io, options.at);
  if (options.collection === undefined) {
    const counts = COLLECTIONS.map((collection) => ({
      collection,
      entries: Object.keys(registry[collection]).length,
    }));
    io.out.list('CollectionList', counts, () =>
      io.out.table(
        ['COLLECTION', 'ENTRIES'],
        counts.map(({ collection, entries }) => [collection, String(entries)]),
      ),
    );
    return EXIT.success;
  }
  const entries = listEntries(registry, options.collection as Collection);
  const items = entries.map(([id, entry]) => ({ id, ...(entry as object) }));
  io.out.list('EntryList', items, () => entryTable(io, entries));
  return EXIT.success;
}

/** `registry show`: what stands at a path. */
export async function showRegistry(
  io: CommandIo,
  options: RegistryOptions & { readonly path: string },
): Promise<ExitCode> {
  const found = getPath(await readRegistry(io, options.at), options.path);
  if (!found.ok) return refuse(found.reason, found.detail);
  io.out.show('Entry', { path: options.path, value: found.value }, () => [toYaml(found.value).trimEnd()]);
  return EXIT.success;
}

/** `registry find`: entries in which a text occurs; exit code 3 if there are none. */
export async function findRegistry(
  io: CommandIo,
  options: RegistryOptions & { readonly text: string },
): Promise<ExitCode> {
  const registry = await readRegistry(io, options.at);
  const found = searchRegistry(registry, options.text, options.in as Collection | undefined);
  io.out.list('FoundList', found, () =>
    found.length === 0
      ? []
      : io.out.table(
          ['PATH', 'NAME', 'FOUND IN'],
          found.map(({ entry, fields, id, kind }) => [
            `${kind}/${id}`,
            nameOf(entry),
            fields.join(', ') || 'id',
          ]),
        ),
  );
  if (found.length === 0) io.out.note(`Nothing has ${options.text} in it`);
  return found.length === 0 ? EXIT.notFound : EXIT.success;
}

/** `registry export`: the whole, in a form that `registry validate` and an import understand; --json puts it into an envelope. */
export async function exportRegistry(io: CommandIo, options: RegistryOptions): Promise<ExitCode> {
  const registry = await readRegistry(io, options.at);
  io.out.show('Registry', registry, () => [
    options.format === 'json' ? JSON.stringify(registry, null, 2) : toYaml(registry).replace(/\n$/, ''),
  ]);
  return EXIT.success;
}

function entryTable(io: CommandIo, entries: readonly (readonly [string, unknown])[]): readonly string[] {
  if (entries.length === 0) return ['No entries'];
  const fields = new Set(entries.flatMap(([, entry]) => Object.keys(entry as object)));
  // Keys are for machines and notes are long: both are in `registry show`.
  const shown = [...fields].filter((field) => !['logs', 'note', 'key', 'keys', 'code'].includes(field));
  return io.out.table(
    ['ID', ...shown.map((field) => field.toUpperCase())],
    entries.map(([id, entry]) => [
      id,
      ...shown.map((field) => cell((entry as Record<string, unknown>)[field])),
    ]),
  );
}

function cell(value: unknown): string {
  if (value === undefined) return '-';
  if (Array.isArray(value)) return value.join(',') || '-';
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, part]) => `${key}: ${cell(part)}`)
    .join('; ');
}

function nameOf(entry: unknown): string {
  const name = (entry as Readonly<Record<string, unknown>>).name;
  return typeof name === 'string' ? name : '-';
}
