import { Command } from 'commander';
import { VERSION } from '../agent/version.ts';
import { commandIo, type GlobalOptions } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io, Sink } from './io.ts';
import { mustHaveRoom } from './output-file.ts';
import { type Bind, duration } from './tree/binding.ts';
import { addConfigCommands } from './tree/config.ts';
import { addGuidanceCommands } from './tree/guidance.ts';
import { addHostCommands } from './tree/host.ts';
import { addLeaseCommands } from './tree/lease.ts';
import { addRealmCommands } from './tree/realm.ts';
import { addRegistryCommands } from './tree/registry.ts';
import { addReportCommands } from './tree/report.ts';
import { addSeatCommands } from './tree/seats.ts';

/** The tree of commands over one machine; `ending` has the exit code of the command that ran, and what commander said. */
export function makeProgram(io: Io): { program: Command; ending: { code: ExitCode; spoken: string } } {
  const ending = { code: EXIT.success as ExitCode, spoken: '' };
  const program = new Command('leasehold');
  program
    .description('Software entitlements without a licence server that everyone must reach.')
    .version(VERSION)
    .helpCommand(false)
    .option('--data-dir <dir>', 'data directory of the host agent (LEASEHOLD_DATA_DIR)')
    .option('--agent-socket <path>', 'socket of the host agent (LEASEHOLD_AGENT_SOCKET)')
    .option('--relay <url>', 'the relay to use (LEASEHOLD_RELAY_URL)')
    .option('--timeout <span>', 'how long to wait: 30s, 15m, 2h; 10s to reach the agent', duration)
    .option('--json', 'for programs: an envelope of JSON, errors too')
    .option('-q, --quiet', 'no talk, only data')
    .option('-v, --verbose', 'more talk')
    .option('--no-color', 'no colour (NO_COLOR)')
    .option('--no-input', 'never ask; fail and name the option instead')
    .option('-y, --yes', 'answer yes where something is asked')
    .option('-o, --output <file>', 'write the data to a file that only you can read, - for standard output')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, helpWidth: io.stdout.columns })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Kept, since errors are told in one way for all kinds; help on a group without its command is shown by `main`.
      writeErr: (text) => {
        ending.spoken += text;
      },
      getOutHelpWidth: () => io.stdout.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      'after',
      '\nTopics: leasehold help exit-codes | environment | formatting | offline | versions',
    )
    .exitOverride();
  const bind = binder(io, ending);
  addHostCommands(program, bind);
  addLeaseCommands(program, bind);
  addSeatCommands(program, bind);
  addReportCommands(program, bind);
  addRegistryCommands(program, bind);
  addConfigCommands(program, bind);
  addRealmCommands(program, bind);
  addGuidanceCommands(program, bind);
  return { program, ending };
}

function binder(io: Io, ending: { code: ExitCode }): Bind {
  return (load) =>
    async (...words) => {
      const command = words.at(-1) as Command;
      const options = command.optsWithGlobals<GlobalOptions>();
      const file = options.output === undefined || options.output === '-' ? null : options.output;
      if (file !== null) await mustHaveRoom(io, file);
      const held = file === null ? null : holdingSink();
      const desk = commandIo(held === null ? io : { ...io, stdout: held.sink }, options);
      let succeeded = false;
      try {
        const body = await load(...(words.slice(0, -1) as Parameters<typeof load>));
        ending.code = await body(desk.io);
        succeeded = ending.code === EXIT.success;
      } finally {
        await desk.close();
        // A no that says something is an answer, and what was followed until now is kept; a failure that says nothing
        // must not take what an earlier command has left there.
        const text = held?.text() ?? '';
        if (file !== null && (succeeded || text !== '')) await io.files.write(file, text, { secret: true });
      }
    };
}

/** Keeps what is written until the command has ended. */
function holdingSink(): { sink: Sink; text(): string } {
  let all = '';
  const sink = {
    isTTY: false,
    columns: 80,
    write: (text: string) => {
      all += text;
    },
  };
  return { sink, text: () => all };
}
