import { Command, CommanderError } from 'commander';
import { nearestThere, tryOut } from '../core/adapters/directory-trial.ts';
import { isFault } from '../core/errors.ts';
import { type CommandIo, EXIT, type ExitCode, envelope, exitCodeOf, hintFor } from './commands/io.ts';
import { addRealm, listRealms, removeRealm, renewToken } from './commands/realm.ts';
import { serve } from './commands/serve.ts';
import { check, init } from './commands/setup.ts';
import { serveTime, showKey } from './commands/time.ts';
import { type Config, type ConfigVerdict, readConfig, SETTINGS, type SettingName } from './config.ts';
import { VERSION } from './version.ts';

type Configured = Extract<ConfigVerdict, { ok: true }>;
type Flags = Readonly<Record<string, unknown>>;

/** Runs `leasehold-relay` with these arguments. Throws nothing but bugs. */
export async function run(io: CommandIo, args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok;
  const program = new Command('leasehold-relay')
    .description('Stores and forwards signed records and signs time; trusted with nothing but being there.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });

  /** A command with all settings as flags, whose work begins when they have been read and checked. */
  function command(
    parent: Command,
    name: string,
    summary: string,
    work: (configured: Configured, flags: Flags, args: readonly string[]) => Promise<ExitCode>,
  ): Command {
    const made = parent.command(name).description(summary);
    made.option('--config <file>', 'settings in YAML or JSON, by the same names');
    for (const setting of Object.keys(SETTINGS) as SettingName[]) {
      const [, byDefault, help] = SETTINGS[setting];
      made.option(`--${setting} <value>`, byDefault === null ? help : `${help} (default: ${byDefault})`);
    }
    return made.action(async (...given: unknown[]) => {
      const flags = Object.fromEntries(
        made.options.map((option) => [option.long?.slice(2), made.getOptionValue(option.attributeName())]),
      );
      const file = flags.config ?? io.env.LEASEHOLD_RELAY_CONFIG;
      const verdict = readConfig(flags, io.env, typeof file === 'string' ? file : null);
      if (verdict.ok) {
        exit = await work(
          verdict,
          flags,
          given.filter((arg) => typeof arg === 'string'),
        );
        return;
      }
      for (const problem of verdict.problems) io.err(`${problem}\n`);
      exit = EXIT.usage;
    });
  }

  const changing = (made: Command) =>
    made.option('--json', 'answer in JSON').option('--dry-run', 'say what would change, and change nothing');
  const modeOf = (flags: Flags) => ({ json: flags.json === true, dryRun: flags['dry-run'] === true });
  const only = (work: (config: Config, flags: Flags, args: readonly string[]) => Promise<ExitCode>) => {
    return (configured: Configured, flags: Flags, args: readonly string[]) =>
      work(configured.config, flags, args);
  };

  command(
    program,
    'serve',
    'run the relay',
    only((config) => serve(io, config)),
  );
  command(
    program,
    'time',
    'sign time for anybody over UDP, TCP and HTTP, and serve no realm',
    ({ config, origins }) => serveTime(io, config, origins),
  );
  command(
    program,
    'key',
    'show the long-term public key of signed time, in hex and base64',
    only((config, flags) => showKey(io, config, flags.json === true)),
  ).option('--json', 'answer in JSON');
  changing(
    command(
      program,
      'init',
      'make the data directory and the key of signed time',
      only((config, flags) => init(io, config, modeOf(flags))),
    ),
  );
  command(
    program,
    'check',
    'check settings and data without starting',
    async ({ config, origins }, flags) => {
      const trouble = await tryOut(await nearestThere(config['data-dir']));
      if (trouble !== null) throw trouble;
      return check(io, config, origins, flags.json === true);
    },
  ).option('--json', 'answer in JSON');
  const realm = program.command('realm').description('the realms that this relay serves');
  changing(
    command(
      realm,
      'add <genesis>',
      'register the realm of a genesis record (FILE or -)',
      only((config, flags, [path = '-']) => addRealm(io, config, path, modeOf(flags))),
    ),
  );
  command(
    realm,
    'list',
    'list them',
    only((config, flags) => listRealms(io, config, flags.json === true)),
  ).option('--json', 'answer in JSON');
  changing(
    command(
      realm,
      'token <realm>',
      'make a new read token',
      only((config, flags, [id = '']) => renewToken(io, config, id, modeOf(flags))),
    ),
  );
  changing(
    command(
      realm,
      'remove <realm>',
      'remove a realm and all that is held of it',
      only((config, flags, [id = '']) => {
        const confirm = typeof flags.confirm === 'string' ? flags.confirm : undefined;
        return removeRealm(io, config, id, { ...modeOf(flags), confirm });
      }),
    ),
  ).option('--confirm <name>', 'the name of the realm or the first 8 digits of its id, instead of typing it');
  program
    .command('version')
    .description('show the version')
    .option('--json', 'answer in JSON')
    .action(({ json }: { json?: boolean }) => {
      io.out(
        json ? envelope('RelayVersion', { data: { version: VERSION } }) : `leasehold-relay ${VERSION}\n`,
      );
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!isFault(error)) throw error;
    const hint = hintFor(error);
    io.err(`${error.message}\n${hint === null ? '' : `  ${hint}\n`}`);
    return exitCodeOf(error);
  }
}
