import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { VERSION } from '../agent/version.ts';
import { EXIT, type ExitCode } from '../cli/exit-codes.ts';
import { output } from '../cli/output.ts';
import { endingOf } from '../cli/refusal.ts';
import { issueCode } from './issue.ts';
import { makeKey } from './keygen.ts';
import { showCode } from './show.ts';
import type { SeatsOf, VendorDesk, VendorIo } from './vendor-io.ts';

const KEY_FILE = ['--key <file>', 'the private key'] as const;
const PASSPHRASE = ['--passphrase-file <file>', 'file with the passphrase of the key'] as const;

/** Runs one command line of a vendor, such as `['keygen', '--key', 'acme.pem']`, and says how it ended. Never throws. */
export async function vendorMain(argv: readonly string[], io: VendorIo): Promise<ExitCode> {
  const ending: { code: ExitCode; spoken: string } = { code: EXIT.success, spoken: '' };
  const out = output(io.stdout, io.stderr, io.env, {
    json: argv.includes('--json'),
    quiet: argv.includes('-q') || argv.includes('--quiet'),
    verbose: false,
    colour: !argv.includes('--no-color'),
  });
  const program = makeProgram({ ...io, out }, ending);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return ending.code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.success;
      if (thrown.code === 'commander.help') io.stderr.write(ending.spoken);
      else out.fail({ ...usage(thrown), exit: EXIT.usage, code: 'USAGE' });
      return EXIT.usage;
    }
    const ended = endingOf(thrown) ?? bug(thrown);
    out.fail(ended);
    return ended.exit;
  }
}

function makeProgram(desk: VendorDesk, ending: { code: ExitCode; spoken: string }): Command {
  const program = new Command('leasehold-vendor')
    .description('Licence codes for software that is leased with Leasehold.')
    .version(VERSION)
    .helpCommand(false)
    .option('--json', 'for programs: an envelope of JSON, errors too')
    .option('-q, --quiet', 'no talk, only data')
    .option('--no-color', 'no colour (NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => desk.stdout.write(text),
      writeErr: (text) => {
        ending.spoken += text;
      },
      getOutHelpWidth: () => desk.stdout.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  const ran =
    <P extends unknown[]>(body: (...words: P) => Promise<ExitCode>) =>
    async (...words: P) => {
      ending.code = await body(...words);
    };
  program
    .command('keygen')
    .summary('make a key that signs licence codes')
    .requiredOption('--key <file>', 'where the private key goes; it is never overwritten')
    .option(...PASSPHRASE)
    .action(ran((options) => makeKey(desk, options)));
  program
    .command('issue')
    .summary('sign a licence code')
    .requiredOption(...KEY_FILE)
    .option(...PASSPHRASE)
    .requiredOption('--product <id>', 'id of the software, as realms name it')
    .requiredOption('--feature <id=seats>', 'seats of a feature; again for each feature', seats)
    .requiredOption('--from <date>', 'first day, such as 2030-01-31, or instant, such as 2030-01-31T12:00Z')
    .requiredOption('--until <date>', 'last day, through its end (UTC), or instant')
    .option('--id <id>', 'your name for it, such as the number of the order; drawn by chance otherwise')
    .option('--realm <id>', 'the one realm that it is for')
    .option('--overdraft <id=seats>', 'seats beyond those that may be lent for a while', seats)
    .option('--supersedes <id>', 'id of the code in whose place this one stands')
    .option('--note <text>', 'a few words, to be shown')
    .action(ran((options) => issueCode(desk, options)));
  program
    .command('show')
    .summary('what a code says, and its groups in lines to type')
    .argument('<code...>', 'a code, a file that holds it, or - for standard input')
    .action(ran((words: readonly string[]) => showCode(desk, words)));
  return program;
}

function seats(text: string, before: SeatsOf = new Map()): SeatsOf {
  const match = /^([a-z0-9][a-z0-9._-]{0,63})=([1-9]\d{0,6})$/.exec(text);
  const [, id = '', number = ''] = match ?? [];
  if (match === null) throw new InvalidArgumentError('Expected a feature and its seats, such as solver=5.');
  if (before.has(id)) throw new InvalidArgumentError(`There are two of ${id}.`);
  return new Map([...before, [id, Number(number)]]);
}

function usage(error: CommanderError): { readonly message: string; readonly hint: string } {
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '');
  return { message, hint: 'leasehold-vendor --help' };
}

function bug(thrown: unknown) {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const hint = 'this is a mistake of leasehold-vendor; please report it';
  return { exit: EXIT.failure, code: 'BUG', message, hint };
}
