import { type Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { output } from './output.ts';
import { makeProgram } from './program.ts';
import { type Ended, endingOf } from './refusal.ts';

/** Runs one command line, such as `['lease', 'list']`, and says how it ended. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { program, ending } = makeProgram(io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return ending.code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.success;
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') {
      io.stderr.write(ending.spoken);
      return EXIT.usage;
    }
    const ended =
      thrown instanceof CommanderError ? usage(thrown, argv, program) : (endingOf(thrown) ?? bug(thrown));
    said(io, argv).fail(ended);
    return ended.exit;
  }
}

/** Where the end of a command is told. The options may be what could not be read, so the words themselves say how to tell. */
export function said(io: Io, argv: readonly string[]) {
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return output(io.stdout, io.stderr, io.around.env, {
    json: own.includes('--json'),
    quiet: own.includes('-q') || own.includes('--quiet'),
    verbose: false,
    colour: !own.includes('--no-color'),
  });
}

function usage(error: CommanderError, argv: readonly string[], program: Command): Ended {
  // A wrapper's own failure must not look like an exit code of the program that it wraps.
  const wraps = argv.some((word, at) => word === 'run' && (at === 0 || argv[at - 1] === 'lease'));
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '');
  const path = ['leasehold'];
  let place = program;
  for (const word of argv) {
    const below = place.commands.find((one) => one.name() === word);
    if (below === undefined) continue;
    path.push(word);
    place = below;
  }
  const hint = [...path, '--help'].join(' ');
  return { exit: wraps ? EXIT.wrapper : EXIT.usage, code: 'USAGE', message, hint };
}

function bug(thrown: unknown): Ended {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return {
    exit: EXIT.failure,
    code: 'BUG',
    message,
    hint: 'this is a mistake of leasehold; please report it',
  };
}
