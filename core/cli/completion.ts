import type { Argument, Command, Option } from 'commander';
import { seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import { ARGUMENT_NAMES, FIXED_NAMES, OPTION_NAMES } from './completion-names.ts';
import { COMPLETION_SCRIPTS, type Shell } from './completion-scripts.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { AgentConnection } from './io.ts';

/** `completion`: prints the script for a shell; it asks `leasehold __complete` for the words. */
export async function printCompletion(
  io: CommandIo,
  { shell }: { readonly shell: Shell },
): Promise<ExitCode> {
  const script = COMPLETION_SCRIPTS[shell];
  io.out.show('Completion', { shell, script }, () => [script.trimEnd()]);
  return EXIT.success;
}

/** A shell waits for it at every key, so an agent is neither started nor waited for. */
const PATIENCE = seconds(0.3);

/** `__complete`: the words that may stand where the last one is being typed, one a line. */
export async function complete(
  io: CommandIo,
  { program, words }: { readonly program: Command; readonly words: readonly string[] },
): Promise<ExitCode> {
  const typed = words.at(-1) ?? '';
  const found = await candidates(io, program, words.slice(0, -1), typed);
  const fitting = [...new Set(found)].filter((word) => word.startsWith(typed)).sort();
  if (fitting.length > 0) io.out.raw(`${fitting.join('\n')}\n`);
  return EXIT.success;
}

async function candidates(
  io: CommandIo,
  program: Command,
  before: readonly string[],
  typed: string,
): Promise<readonly string[]> {
  let place = program;
  let arguments_ = 0;
  let awaited: Option | undefined;
  for (const word of before) {
    if (word === '--') return [];
    if (awaited !== undefined) {
      awaited = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const option = optionsOf(place).find((one) => one.short === word || one.long === word);
      awaited = option?.required === true ? option : undefined;
      continue;
    }
    const below = place.commands.find((one) => one.name() === word);
    if (below === undefined) arguments_++;
    else place = below;
  }
  if (awaited !== undefined) {
    const name = awaited.attributeName();
    return awaited.argChoices ?? FIXED_NAMES[name] ?? asked(io, OPTION_NAMES[name], typed);
  }
  if (typed.startsWith('-')) return optionsOf(place).flatMap((one) => one.long ?? []);
  const argument: Argument | undefined =
    place.registeredArguments[arguments_] ?? place.registeredArguments.at(-1);
  const below = place.commands.filter((one) => !one.name().startsWith('_')).map((one) => one.name());
  if (argument === undefined || (arguments_ >= place.registeredArguments.length && !argument.variadic))
    return below;
  if (place.name() === 'help')
    return program.commands.map((one) => one.name()).filter((name) => !name.startsWith('_'));
  return [...below, ...(argument.argChoices ?? (await asked(io, ARGUMENT_NAMES[argument.name()], typed)))];
}

function optionsOf(place: Command): readonly Option[] {
  const own = place.options.filter((option) => !option.hidden);
  return place.parent === null ? own : [...own, ...optionsOf(place.parent)];
}

async function asked(
  io: CommandIo,
  source: ((agent: AgentConnection, typed: string) => Promise<readonly string[]>) | undefined,
  typed: string,
): Promise<readonly string[]> {
  if (source === undefined) return [];
  const { dataDir, socket } = io.settings;
  let agent: AgentConnection | undefined;
  try {
    const place = { dataDir, ...(socket === null ? {} : { socket }) };
    agent = await io.connect({ ...place, spawn: false, timeout: PATIENCE });
    return await source(agent, typed);
  } catch {
    // A line that is being typed is no place for errors.
    return [];
  } finally {
    // The shell waits for the end of this process.
    await agent?.close();
  }
}
