import type { Methods } from '../agent/protocol.ts';
import { no, ok, type Result } from '../result.ts';
import type { FlexnetEarlier } from '../state/flexnet-fields.ts';
import { importFlexnet } from '../state/flexnet-import.ts';
import type { FlexnetOutcome } from '../state/flexnet-outcome.ts';
import { entryOf, type Registry } from '../state/registry.ts';
import { diffRegistry, summariseRegistry } from '../state/registry-diff.ts';
import { addEntry, type FindReason, removeEntry, setField } from '../state/registry-find.ts';
import { mergeRegistry } from '../state/registry-merge.ts';
import type { RegistryEdit } from '../state/registry-portions.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { outcomeLines } from './flexnet-words.ts';
import { textFrom } from './prompt.ts';
import { Refusal } from './refusal.ts';
import { draftEdits, editsBetween } from './registry-change.ts';
import { examine, importFrom } from './registry-file.ts';
import { readRegistry, refuse } from './registry-reading.ts';

/** What the commands that change entries are told. */
export interface SetOptions {
  readonly dryRun?: boolean;
}

/** What `registry import` is told. */
export interface ImportOptions {
  readonly dryRun?: boolean;
  /** That the file is a FlexNet options file. */
  readonly flexnet?: boolean;
  /** Of such a file: whether unknown people become entries, and the software that it is for. */
  readonly create?: boolean;
  readonly software?: string;
}

type DraftReport = Methods['draft']['result'];

/** `registry add`: a new entry from `field=value`. */
export async function addToRegistry(
  io: CommandIo,
  options: SetOptions & { readonly path: string; readonly fields: readonly string[] },
): Promise<ExitCode> {
  return edit(io, options, (registry) => addEntry(registry, options.path, options.fields));
}

/** `registry set`: fields of an entry or section from `field=value`. */
export async function setInRegistry(
  io: CommandIo,
  options: SetOptions & { readonly path: string; readonly fields: readonly string[] },
): Promise<ExitCode> {
  return edit(io, options, (registry) => setField(registry, options.path, options.fields));
}

/** `registry remove`: an entry or an optional field. */
export async function removeFromRegistry(
  io: CommandIo,
  options: SetOptions & { readonly path: string },
): Promise<ExitCode> {
  return edit(io, options, (registry) => removeEntry(registry, options.path));
}

/** `registry import`: the sections of a file in place of those there. */
export async function importRegistry(
  io: CommandIo,
  options: ImportOptions & { readonly file: string },
): Promise<ExitCode> {
  if (options.flexnet === true) return importOptionsFile(io, options);
  const imported = await importFrom(io, options.file);
  return edit(io, options, (registry) => ({ ok: true, value: mergeRegistry(registry, imported) }));
}

async function importOptionsFile(
  io: CommandIo,
  options: ImportOptions & { readonly file: string },
): Promise<ExitCode> {
  const text = await textFrom(io, options.file);
  let lines: readonly FlexnetOutcome[] = [];
  let earlier: readonly FlexnetEarlier[] = [];
  const change = (registry: Registry): Result<Registry, FindReason> => {
    const { create = false, software = null } = options;
    if (software !== null && entryOf(registry.software, software) === undefined) {
      return no('not-found', `nothing at software/${software}`);
    }
    const imported = importFlexnet(registry, text, { create, software });
    if (!imported.ok) throw new Refusal('INVALID_FILE', imported.detail ?? imported.reason);
    ({ earlier, lines } = imported.value);
    return ok(imported.value.registry);
  };
  return edit(io, options, change, () => ({
    data: { lines, earlier },
    text: outcomeLines(io, lines, earlier),
  }));
}

/** Changes the draft, or says what would change, with the problems that it then has. */
export async function edit(
  io: CommandIo,
  options: { readonly dryRun?: boolean },
  change: (registry: Registry) => Result<Registry, FindReason>,
  more: () => { readonly data: object; readonly text: readonly string[] } = () => ({ data: {}, text: [] }),
): Promise<ExitCode> {
  const before = await readRegistry(io, undefined);
  const changed = change(before);
  if (!changed.ok) return refuse(changed.reason, changed.detail);
  const changes = diffRegistry(before, changed.value);
  const edits = editsBetween(before, changed.value);
  const dry = options.dryRun === true;
  await draftEdits(io, edits, dry);
  const problems = dry ? await foreseenProblems(io, edits, changed.value) : await problemsOf(io, {});
  const data = { changes, problems, drafted: !dry && changes.length > 0, ...more().data };
  io.out.show('RegistryEdit', data, () => {
    if (changes.length === 0) return [...more().text, 'Nothing changes'];
    const sign = dry ? 'Would draft:' : io.out.tone('✓', 'green');
    return [...more().text, ...summariseRegistry(changes).map((line) => `${sign} ${line}`)];
  });
  warnOf(io, problems);
  if (data.drafted) io.out.note('Drafted; it takes effect with leasehold config publish');
  return EXIT.success;
}

async function problemsOf(
  io: CommandIo,
  asked: Methods['draft']['params'],
): Promise<DraftReport['problems']> {
  const agent = await io.agent();
  return (await agent.request('draft', asked)).problems;
}

async function foreseenProblems(
  io: CommandIo,
  edits: readonly RegistryEdit[],
  changed: Registry,
): Promise<DraftReport['problems']> {
  const [change, ...more] = edits;
  if (more.length === 0) return problemsOf(io, { change });
  // The agent takes one edit after the other, and all of them are too much for it to look at without drafting any.
  const { problems } = await examine(changed);
  return problems.map(({ code, message, path }) => ({ path, code, text: message }));
}

/** Says what keeps the draft from being published; it may be half of a change that others complete. */
function warnOf(io: CommandIo, problems: DraftReport['problems']): void {
  for (const { path, text } of problems) io.out.warn(`${path}: ${text}`);
}
