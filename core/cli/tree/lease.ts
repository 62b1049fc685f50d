import { type Command, Option } from 'commander';
import type { CheckOptions } from '../lease-check.ts';
import type { CheckoutOptions } from '../lease-checkout.ts';
import type { RemoveOptions, ReturnOptions } from '../lease-return.ts';
import type { RunOptions } from '../lease-run.ts';
import { type Bind, DRY_RUN, processId } from './binding.ts';
import { addBorrow } from './seats.ts';

type Add = (parent: Command, bind: Bind) => Command;

/** Leases; the words that other licence managers use stand at the top as well. */
export function addLeaseCommands(program: Command, bind: Bind): void {
  const lease = program.command('lease').helpGroup('Leases:').summary('seats in use on this host');
  for (const add of [addCheckout, addReturn, addBorrow, addList, addRun, addCheck, addRemove])
    add(lease, bind);
  for (const add of [addCheckout, addReturn, addBorrow, addRemove, addRun]) {
    const word = add(program, bind).helpGroup('Classic words:');
    word.summary(`the same as lease ${word.name()}`);
  }
  program
    .command('reread')
    .helpGroup('Classic words:')
    .summary('shows the rollout: nothing has to be read again by hand')
    .action(
      bind(async () => {
        const { reread } = await import('../rollout.ts');
        return (io) => reread(io);
      }),
    );
}

const addCheckout: Add = (parent, bind) =>
  parent
    .command('checkout')
    .summary('take a seat')
    .description(
      'Takes a seat and prints the lease. It lives as long as the process that called leasehold (your shell), or until ' +
        'it is returned; with --hold, as long as this command.',
    )
    .argument('<feature>', 'id of the feature')
    .option('--user <id>', 'who uses it; you by default')
    .option('--tool <name>', 'what uses it', 'shell')
    .option('--wait', 'queue when no seat is free (--timeout limits it)')
    .option('--hold', 'keep it until interrupted, then return it')
    .option('--pid <n>', 'live as long as this process instead of the one that called', processId)
    .option(...DRY_RUN)
    .action(
      bind(async (feature: string, options: CheckoutOptions) => {
        const { checkout } = await import('../lease-checkout.ts');
        return (io) => checkout(io, { ...options, feature });
      }),
    );

const addReturn: Add = (parent, bind) =>
  parent
    .command('return')
    .summary('give a seat back')
    .argument('[lease]', 'id of the lease or how it begins, or a feature of which you hold one')
    .option('--all', 'every lease of this host')
    .option('--reason <text>', 'why, for the record')
    .option(...DRY_RUN)
    .action(
      bind(async (which: string | undefined, options: ReturnOptions) => {
        const { returnLease } = await import('../lease-return.ts');
        return (io) => returnLease(io, which === undefined ? options : { ...options, lease: which });
      }),
    );

const addRemove: Add = (parent, bind) =>
  parent
    .command('remove')
    .summary('end a lease of any host by a signed order')
    .argument('<lease>', 'id of the lease, or how it begins')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(
      '--host <id>',
      'the host that has it; looked up by default, and needed with the whole id of one not told of',
    )
    .option(...DRY_RUN)
    .action(
      bind(async (which: string, options: RemoveOptions) => {
        const { removeLease } = await import('../lease-return.ts');
        return (io) => removeLease(io, { ...options, lease: which });
      }),
    );

const addList: Add = (parent, bind) =>
  parent
    .command('list')
    .summary('leases of this host, and with --all-hosts those that others have told of')
    .option('--all-hosts', 'also leases that other hosts have told of')
    .action(
      bind(async (options: { allHosts?: boolean }) => {
        const { listLeases } = await import('../lease-list.ts');
        return (io) => listLeases(io, options);
      }),
    );

const addRun: Add = (parent, bind) =>
  parent
    .command('run')
    .summary('run a program with a seat')
    .description(
      'Takes a seat, runs the program, gives the seat back. The exit code is that of the program (128+n if signal n ' +
        'ended it), 125 if leasehold failed, 126 if it cannot be executed, 127 if it is not found.',
    )
    .usage('--feature <id> [options] -- <program> [arguments...]')
    .argument('<program...>', 'the program and its arguments, after --')
    .requiredOption('--feature <id>', 'id of the feature')
    .option('--user <id>', 'who uses it; you by default')
    .option('--tool <name>', 'what uses it; the name of the program by default')
    .option('--wait', 'queue when no seat is free (--timeout limits it)')
    .addOption(
      new Option('--on-drain <what>', 'what to do when the seat is wanted back')
        .choices(['signal', 'ignore'])
        .default('ignore', 'ignore: say so; signal: send SIGTERM'),
    )
    .option(...DRY_RUN)
    .action(
      bind(async (program: readonly string[], options: RunOptions) => {
        const { runWithLease } = await import('../lease-run.ts');
        return (io) => runWithLease(io, { ...options, program });
      }),
    );

const addCheck: Add = (parent, bind) =>
  parent
    .command('check')
    .summary('whether a seat could be had now: exit code 0, 6 or 7')
    .argument('<feature>', 'id of the feature')
    .option('--user <id>', 'who would use it; you by default')
    .action(
      bind(async (feature: string, options: CheckOptions) => {
        const { checkFeature } = await import('../lease-check.ts');
        return (io) => checkFeature(io, { ...options, feature });
      }),
    );
