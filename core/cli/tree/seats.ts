import type { Command } from 'commander';
import type { BorrowOptions } from '../lease-borrow.ts';
import type { GiveOptions } from '../seats.ts';
import { atLeastOne, type Bind, DRY_RUN } from './binding.ts';

/** Seats: where they are, and how they move between hosts. */
export function addSeatCommands(program: Command, bind: Bind): void {
  const seats = program.command('seats').helpGroup('Leases:').summary('where seats are, and moving them');
  seats
    .command('list')
    .summary('who holds what, where, since when and until when')
    .argument('[feature]', 'id of a feature; all by default')
    .action(
      bind(async (feature: string | undefined) => {
        const { listSeats } = await import('../seats.ts');
        return (io) => listSeats(io, { feature: feature ?? null });
      }),
    );
  seats
    .command('explain')
    .summary('why each host has the seats that it has')
    .argument('<feature>', 'id of the feature')
    .action(
      bind(async (feature: string) => {
        const { explainSeats } = await import('../seats.ts');
        return (io) => explainSeats(io, { feature });
      }),
    );
  seats
    .command('give')
    .summary('send idle seats of this host to another')
    .argument('<feature>', 'id of the feature')
    .requiredOption('--to <host>', 'the host that gets them')
    .option('--seats <n>', 'how many', atLeastOne, 1)
    .option('--until <time>', 'until this day or instant: 2030-05-04, 2030-05-04T17:30Z')
    .option('--hours <n>', 'for so many hours', atLeastOne)
    .option(...DRY_RUN)
    .action(
      bind(async (feature: string, options: GiveOptions) => {
        const { giveSeats } = await import('../seats.ts');
        return (io) => giveSeats(io, { ...options, feature });
      }),
    );
  seats
    .command('return')
    .summary('send idle seats that came from other hosts back')
    .argument('<feature>', 'id of the feature')
    .option(...DRY_RUN)
    .action(
      bind(async (feature: string, options: { readonly dryRun?: boolean }) => {
        const { returnSeats } = await import('../seats.ts');
        return (io) => returnSeats(io, { ...options, feature });
      }),
    );
}

/** `borrow`, under `lease` and as a word of its own. */
export function addBorrow(parent: Command, bind: Bind): Command {
  return parent
    .command('borrow')
    .summary('take a seat for a time without a connection')
    .description(
      'Takes a seat for a user of this host until a time, whatever becomes of the connection. It ends by itself, or with ' +
        'leasehold return. The voters must have opened the terms until then.',
    )
    .argument('<feature>', 'id of the feature')
    .option('--user <id>', 'who uses it; you by default')
    .option('--until <time>', 'until this day or instant: 2030-05-04, 2030-05-04T17:30Z')
    .option('--hours <n>', 'for so many hours', atLeastOne)
    .option(...DRY_RUN)
    .action(
      bind(async (feature: string, options: BorrowOptions) => {
        const { borrow } = await import('../lease-borrow.ts');
        return (io) => borrow(io, { ...options, feature });
      }),
    );
}
