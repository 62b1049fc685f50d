import type { Command } from 'commander';
import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode, MEANINGS } from './exit-codes.ts';
import { Refusal } from './refusal.ts';
import { ENVIRONMENT, FORMATTING, OFFLINE, VERSIONS } from './topics.ts';

/** Pages of help that are about no single command. */
const TOPICS: Readonly<Record<string, () => string>> = {
  'exit-codes': exitCodes,
  environment: () => ENVIRONMENT,
  formatting: () => FORMATTING,
  offline: () => OFFLINE,
  versions: () => VERSIONS,
};

/** `help`: a topic, the help of a command, or the whole tree. */
export async function help(
  io: CommandIo,
  { program, words }: { readonly program: Command; readonly words: readonly string[] },
): Promise<ExitCode> {
  const topic = words.length === 1 ? Object.entries(TOPICS).find(([name]) => name === words[0]) : undefined;
  if (topic !== undefined) {
    show(io, words, topic[1]());
    return EXIT.success;
  }
  let place = program;
  for (const word of words) {
    const next = place.commands.find((one) => one.name() === word);
    if (next === undefined) {
      const topics = Object.keys(TOPICS).join(', ');
      throw new Refusal('NOT_FOUND', `there is no command or topic ${words.join(' ')}`, `topics: ${topics}`);
    }
    place = next;
  }
  let text = '';
  place.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
  });
  place.outputHelp();
  show(io, words, text.trimEnd());
  return EXIT.success;
}

function show(io: CommandIo, words: readonly string[], text: string): void {
  io.out.show('Help', { topic: words.join(' '), text }, () => [text]);
}

function exitCodes(): string {
  const lines = Object.entries(EXIT).map(([name, code]) => {
    return `${String(code).padStart(5)}  ${MEANINGS[name as keyof typeof EXIT]}`;
  });
  return ['Exit codes. A number is never used for another meaning.', '', ...lines].join('\n');
}
