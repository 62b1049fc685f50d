import type { CommandIo } from './command-io.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { foreseeLease, takeLease, userOf } from './lease-request.ts';
import { showMoment } from './moment.ts';
import { type UntilOptions, untilOf } from './until.ts';

/** What `lease borrow` is told. */
export interface BorrowOptions extends UntilOptions {
  readonly user?: string;
  readonly dryRun?: boolean;
}

/** `lease borrow`: a seat for this host and a user until an instant, with or without a connection. */
export async function borrow(
  io: CommandIo,
  options: BorrowOptions & { readonly feature: string },
): Promise<ExitCode> {
  const { feature } = options;
  const user = userOf(io, options.user);
  const until = untilOf(options, io.now());
  const process = { tool: 'borrowed', pid: null, startTime: null };
  const wish = { feature, user, process, tie: 'process', wait: false, until } as const;
  const day = showMoment(until, io.calendar);
  if (options.dryRun === true) {
    await foreseeLease(io, wish);
    io.out.show('BorrowPlan', { feature, user, until }, () => [
      `Would borrow ${feature} for ${user} until ${day}`,
    ]);
    return EXIT.success;
  }
  const { lease, token } = await takeLease(io, await io.agent(), wish);
  io.out.show(
    'Lease',
    { id: lease.id, feature, user, until: lease.end, version: lease.version, token },
    () => [`${io.out.tone('✓', 'green')} Borrowed ${feature} for ${user} until ${day} (${lease.id})`],
  );
  io.out.note(`Tools of ${user} here use it by themselves; early return: leasehold return ${feature}`);
  return EXIT.success;
}
