import type { Methods } from '../agent/protocol.ts';
import type { Hash } from '../units.ts';
import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { changeLines } from './draft.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { AgentConnection } from './io.ts';
import { only } from './lease-view.ts';
import { confirm } from './prompt.ts';

type Waiting = Omit<Methods['unsigned']['result'][number], 'author'> & { readonly author: string | null };

/** `config sign`: adds this issuer's signature to a proposal; without a name, lists what waits for it and what each changes. */
export async function signCandidate(
  io: CommandIo,
  options: { readonly candidate?: string; readonly dryRun?: boolean },
): Promise<ExitCode> {
  const agent = await io.agent();
  const waiting = await agent.request('unsigned', {});
  if (options.candidate === undefined) {
    io.out.list('CandidateList', waiting, () => {
      if (waiting.length === 0) return ['Nothing waits for your signature'];
      return waiting.flatMap((one) => [
        `${one.candidate.slice(0, 12)}  v${one.version} by ${one.author}: ${one.message}`,
        ...contentLines(io, one, one.summary),
      ]);
    });
    if (waiting.length > 0) io.out.note('Sign one with: leasehold config sign CANDIDATE');
    return EXIT.success;
  }
  const proposal = only(
    [...waiting, ...(await underway(agent, waiting))],
    options.candidate,
    'candidate that waits for your signature called',
    (one) => one.candidate,
  );
  const { author, candidate, changes, message, version } = proposal;
  const lines = changes.flatMap((change) => changeLines(io, change));
  const whose = author === null ? '' : ` of ${author}`;
  const wanted = { do: 'sign', candidate: candidate as Hash } as const;
  if (options.dryRun === true) {
    await foresee(io, wanted);
    io.out.show('SignPlan', { candidate, version, author, message, changes }, () => [
      `Would sign v${version}${whose}: ${message}`,
      ...contentLines(io, proposal, lines),
    ]);
    return EXIT.success;
  }
  for (const line of contentLines(io, proposal, lines)) io.out.note(line);
  await confirm(io, `Sign v${version}${whose} (${message})?`);
  await command(io, wanted, 'recorded', 'done');
  io.out.show('Signed', { candidate, version, author, message }, () => [
    `${io.out.tone('✓', 'green')} Signed v${version}${whose}`,
  ]);
  return EXIT.success;
}

/** The proposal that is followed, where it does not wait for this issuer: why it may not be signed is the agent's to say. */
async function underway(agent: AgentConnection, waiting: readonly Waiting[]): Promise<readonly Waiting[]> {
  const report = await agent.request('rollout', { version: null });
  if (report === null || waiting.some(({ candidate }) => candidate === report.candidate)) return [];
  const { candidate, message, version } = report;
  return [{ candidate, version, author: null, message, changes: [], summary: [], refused: null }];
}

function contentLines(io: CommandIo, { refused }: Waiting, lines: readonly string[]): readonly string[] {
  if (refused === 'waiting') return ['  what it changes has not arrived here yet'];
  if (refused !== null) return [`  ${io.out.tone('✗', 'red')} this host refuses it: ${refused}`];
  return lines.map((line) => io.out.line(`  ${line}`));
}

/** `config void`: this voter's statement that nothing shall win at a version (rule R5). */
export async function voidVersion(
  io: CommandIo,
  { dryRun, version }: { readonly version: number; readonly dryRun?: boolean },
): Promise<ExitCode> {
  if (dryRun === true) {
    await foresee(io, { do: 'void', version });
    io.out.show('VoidPlan', { version }, () => [`Would sign that nothing shall win at v${version}`]);
    return EXIT.success;
  }
  await confirm(io, `Sign, for good, that nothing shall win at v${version}?`);
  await command(io, { do: 'void', version }, 'recorded', 'done');
  io.out.show('Voided', { version }, () => [
    `${io.out.tone('✓', 'green')} Signed VOID for v${version}; it takes as many voters as a version does`,
  ]);
  return EXIT.success;
}
