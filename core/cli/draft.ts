import type { ChangeReport } from '../agent/config-report.ts';
import type { Methods } from '../agent/protocol.ts';
import { mustBeAllowed } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { confirm } from './prompt.ts';
import { draftEdits, editsBetween } from './registry-change.ts';
import { toYaml } from './registry-file.ts';

type DraftReport = Methods['draft']['result'];

/** `draft status`: what would be published, and what stands in its way. */
export async function draftStatus(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  const draft = await agent.request('draft', {});
  io.out.show('Draft', draft, () => [
    `Draft on v${draft.base}: ${counted(draft.changes.length, 'change')}`,
    ...draftLines(io, draft),
    ...nextStep(draft),
  ]);
  return EXIT.success;
}

/** What a draft changes, admits and has wrong, a line each. */
export function draftLines(io: CommandIo, draft: DraftReport): readonly string[] {
  return [
    ...draft.summary.map((line) => io.out.line(`  ${line}`)),
    ...draft.newcomers.map(
      (id) => `  ${io.out.tone('+', 'green')} ${id} joined by invitation and becomes a member`,
    ),
    ...draft.contested.map((one) => `${io.out.tone('!', 'yellow')} ${io.out.line(contestWords(one))}`),
    ...draft.problems.map(({ path, text }) => `${io.out.tone('✗', 'red')} ${path}: ${text}`),
  ];
}

function contestWords({ by, lost, over, path }: DraftReport['contested'][number]): string {
  const had = lost === null ? '' : `, ${over} had ${JSON.stringify(lost)}`;
  return `${path}: ${by} and ${over} wrote it at once; what ${by} wrote stands${had}`;
}

/** `draft diff`: each change, as it was and as it would be. */
export async function draftDiff(io: CommandIo): Promise<ExitCode> {
  const agent = await io.agent();
  const draft = await agent.request('draft', {});
  showChanges(io, draft.changes);
  for (const one of draft.contested) io.out.warn(contestWords(one));
  return EXIT.success;
}

/** Changes as people read them, or as they are for programs. */
export function showChanges(io: CommandIo, changes: readonly ChangeReport[]): void {
  io.out.list('ChangeList', changes, () =>
    changes.length === 0 ? ['No changes'] : changes.flatMap((change) => changeLines(io, change)),
  );
}

/** `draft discard`: the registry of the newest version as the draft. */
export async function draftDiscard(io: CommandIo, options: { readonly dryRun?: boolean }): Promise<ExitCode> {
  const agent = await io.agent();
  const draft = await agent.request('draft', {});
  const { base, changes } = draft;
  const dry = options.dryRun === true;
  // Who may write is asked before what is written, so nothing has to be.
  await mustBeAllowed(io, { do: 'set-registry', registry: {} });
  if (changes.length > 0) {
    if (!dry)
      await confirm(io, `Undo ${counted(changes.length, 'change')} for everybody who edits the draft?`);
    const registryOf = async (version: number | 'draft') =>
      (await agent.request('registry', { version })).registry as Readonly<Record<string, unknown>>;
    await draftEdits(io, editsBetween(await registryOf('draft'), await registryOf(base)), dry);
  }
  io.out.show('DraftDiscard', { base, changes, discarded: !dry && changes.length > 0 }, () => {
    if (changes.length === 0) return [`The draft is v${base} already`];
    if (dry) return [`Would undo ${counted(changes.length, 'change')}:`, ...draftLines(io, draft)];
    return [`${io.out.tone('✓', 'green')} The draft is v${base} again`];
  });
  return EXIT.success;
}

/** One change as people read it. */
export function changeLines(io: CommandIo, { after, before, kind, path }: ChangeReport): readonly string[] {
  const was = before === undefined ? [] : marked(before, '-').map((line) => io.out.tone(line, 'red'));
  const will = after === undefined ? [] : marked(after, '+').map((line) => io.out.tone(line, 'green'));
  return [`${io.out.tone(path, 'bold')} ${kind}`, ...was, ...will];
}

function marked(value: unknown, sign: '+' | '-'): readonly string[] {
  return toYaml(value)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${sign} ${line}`);
}

function nextStep(draft: DraftReport): readonly string[] {
  if (draft.problems.length > 0) return ['Next: leasehold registry set … puts them right'];
  if (draft.changes.length + draft.newcomers.length === 0) return [];
  return ['Next: leasehold config publish -m "…"'];
}
