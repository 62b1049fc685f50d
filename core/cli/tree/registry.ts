import { type Command, Option } from 'commander';
import { COLLECTIONS } from '../../state/registry-sections.ts';
import type { ImportOptions, SetOptions } from '../registry.ts';
import type { SchemaOptions } from '../registry-file.ts';
import type { RegistryOptions } from '../registry-reading.ts';
import { type Bind, DRY_RUN, version } from './binding.ts';
import { addGrantCommands } from './grant.ts';

const FIELDS = 'field=value; lists as a,b or members+=a or members-=a; below as allow/people=a';

/** The registry as drafted, and the draft as a whole. */
export function addRegistryCommands(program: Command, bind: Bind): void {
  const registry = program
    .command('registry')
    .helpGroup('Configuration:')
    .summary('look up and change the registry, as drafted')
    .description('Looks up and changes the draft. Nothing takes effect before `leasehold config publish`.');
  addReading(registry, bind);
  addEditing(registry, bind);
  addFiles(registry, bind);
  addGrantCommands(registry, bind);
  addDraft(program, bind);
}

function addReading(registry: Command, bind: Bind): void {
  const at = () =>
    new Option('--at <version>', 'as of a certified version, not as drafted').argParser(version);
  registry
    .command('list')
    .summary('entries of a collection, or how many each has')
    .addArgument(registry.createArgument('[collection]', 'which entries').choices(COLLECTIONS))
    .addOption(at())
    .action(
      bind(async (collection: string | undefined, options: RegistryOptions) => {
        const { listRegistry } = await import('../registry-reading.ts');
        return (io) => listRegistry(io, collection === undefined ? options : { ...options, collection });
      }),
    );
  registry
    .command('show')
    .summary('an entry, a section, or a field')
    .argument('<path>', 'such as features/solver, policy, or hosts/ws-01/class')
    .addOption(at())
    .action(
      bind(async (path: string, options: RegistryOptions) => {
        const { showRegistry } = await import('../registry-reading.ts');
        return (io) => showRegistry(io, { ...options, path });
      }),
    );
  registry
    .command('find')
    .summary('entries in whose id or fields a text occurs')
    .argument('<text>', 'the text, in any case')
    .addOption(new Option('--in <collection>', 'look only there').choices(COLLECTIONS))
    .addOption(at())
    .action(
      bind(async (text: string, options: RegistryOptions) => {
        const { findRegistry } = await import('../registry-reading.ts');
        return (io) => findRegistry(io, { ...options, text });
      }),
    );
  registry
    .command('export')
    .summary('the whole registry')
    .addOption(new Option('--format <format>', 'how it is written').choices(['yaml', 'json']).default('yaml'))
    .addOption(at())
    .action(
      bind(async (options: RegistryOptions) => {
        const { exportRegistry } = await import('../registry-reading.ts');
        return (io) => exportRegistry(io, options);
      }),
    );
}

function addEditing(registry: Command, bind: Bind): void {
  registry
    .command('add')
    .summary('a new entry')
    .argument('<path>', 'such as features/solver')
    .argument('<fields...>', FIELDS)
    .option(...DRY_RUN)
    .action(
      bind(async (path: string, fields: readonly string[], options: SetOptions) => {
        const { addToRegistry } = await import('../registry.ts');
        return (io) => addToRegistry(io, { ...options, path, fields });
      }),
    );
  registry
    .command('set')
    .summary('fields of an entry or a section')
    .argument('<path>', 'such as features/solver or policy')
    .argument('<fields...>', FIELDS)
    .option(...DRY_RUN)
    .action(
      bind(async (path: string, fields: readonly string[], options: SetOptions) => {
        const { setInRegistry } = await import('../registry.ts');
        return (io) => setInRegistry(io, { ...options, path, fields });
      }),
    );
  registry
    .command('remove')
    .summary('an entry, or an optional field')
    .argument('<path>', 'such as features/solver or features/solver/note')
    .option(...DRY_RUN)
    .action(
      bind(async (path: string, options: SetOptions) => {
        const { removeFromRegistry } = await import('../registry.ts');
        return (io) => removeFromRegistry(io, { ...options, path });
      }),
    );
  registry
    .command('import')
    .summary('replace the sections that a file has')
    .argument('<file>', 'YAML or JSON, - for standard input')
    .option('--flexnet', 'it is a FlexNet options file: say what becomes of each line')
    .option('--software <id>', 'with --flexnet: the software whose vendor daemon it is for')
    .option('--create', 'with --flexnet: make entries for people whom the registry does not know')
    .option(...DRY_RUN)
    .action(
      bind(async (file: string, options: ImportOptions) => {
        const { importRegistry } = await import('../registry.ts');
        return (io) => importRegistry(io, { ...options, file });
      }),
    );
}

function addFiles(registry: Command, bind: Bind): void {
  registry
    .command('validate')
    .summary('check a file without an agent, or the draft')
    .argument('[file]', 'YAML or JSON, - for standard input; the draft where none is named')
    .option('--import', 'the file is to be imported, though it has every section')
    .action(
      bind(async (file: string | undefined, options: SchemaOptions) => {
        const { validateDraft, validateFile } = await import('../registry-file.ts');
        return (io) =>
          file === undefined ? validateDraft(io, options) : validateFile(io, { ...options, file });
      }),
    );
  registry
    .command('schema')
    .summary('the JSON Schema of a registry file')
    .option('--import', 'of a file that holds only some sections')
    .action(
      bind(async (options: SchemaOptions) => {
        const { printSchema } = await import('../registry-file.ts');
        return (io) => printSchema(io, options);
      }),
    );
}

function addDraft(program: Command, bind: Bind): void {
  const draft = program
    .command('draft')
    .helpGroup('Configuration:')
    .summary('what has been edited since the newest version');
  draft
    .command('status')
    .summary('how many changes, and what is wrong with them')
    .action(
      bind(async () => {
        const { draftStatus } = await import('../draft.ts');
        return (io) => draftStatus(io);
      }),
    );
  draft
    .command('diff')
    .summary('each change')
    .action(
      bind(async () => {
        const { draftDiff } = await import('../draft.ts');
        return (io) => draftDiff(io);
      }),
    );
  draft
    .command('discard')
    .summary('go back to the newest version')
    .option(...DRY_RUN)
    .action(
      bind(async (options: { dryRun?: boolean }) => {
        const { draftDiscard } = await import('../draft.ts');
        return (io) => draftDiscard(io, options);
      }),
    );
}
