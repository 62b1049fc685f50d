import type { Command } from 'commander';
import type { Bind } from './binding.ts';

/** Help by topic, and completion of words in shells. */
export function addGuidanceCommands(program: Command, bind: Bind): void {
  program
    .command('help')
    .helpGroup('Guidance:')
    .summary('help on a command, or on exit-codes, environment, formatting, offline, versions')
    .argument('[topic...]', 'a command or a topic')
    .action(
      bind(async (words: readonly string[]) => {
        const { help } = await import('../help.ts');
        return (io) => help(io, { program, words });
      }),
    );
  program
    .command('completion')
    .helpGroup('Guidance:')
    .summary('a script that completes words in a shell')
    .addArgument(
      program.createArgument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish', 'powershell']),
    )
    .action(
      bind(async (shell: 'bash' | 'zsh' | 'fish' | 'powershell') => {
        const { printCompletion } = await import('../completion.ts');
        return (io) => printCompletion(io, { shell });
      }),
    );
  program
    .command('__complete', { hidden: true })
    .argument('[words...]', 'what has been typed, the last word unfinished')
    .action(
      bind(async (words: readonly string[]) => {
        const { complete } = await import('../completion.ts');
        return (io) => complete(io, { program, words });
      }),
    );
}
