import { type Command, Option } from 'commander';
import type { ReportKind, ReportOptions } from '../report.ts';
import type { Bind } from './binding.ts';

const KINDS: Readonly<Record<ReportKind, string>> = {
  usage: 'seats in use by feature, user and host, and by hour and weekday',
  peaks: 'the most seats in use at one instant of each hour or day',
  denials: 'who was refused what, when and why',
};

/** Reports of what hosts have signed of their use. */
export function addReportCommands(program: Command, bind: Bind): void {
  const report = program
    .command('report')
    .helpGroup('Leases:')
    .summary('use over time, for people, spreadsheets and programs')
    .description(
      'What hosts have signed of their use. What they have not is shown as unknown. All times are UTC.',
    );
  for (const kind of Object.keys(KINDS) as ReportKind[]) {
    const command = report
      .command(kind)
      .summary(KINDS[kind])
      .requiredOption('--since <time>', 'from then on: 7d, 2030-05-04 or 2030-05-04T17:30Z')
      .option('--until <time>', 'until then, a day to its end; until now by default')
      .option('--feature <id>', 'only this feature, and more of it')
      .option('--csv', 'for spreadsheets (RFC 4180)')
      .option('--html', 'a page with plots that opens without a network: with -o FILE');
    if (kind === 'peaks') {
      const by = new Option(
        '--by <length>',
        'of each hour or day; by default days, for up to two days hours',
      );
      command.addOption(by.choices(['hour', 'day']));
    }
    command.action(
      bind(async (options: ReportOptions) => {
        const loaded = await import('../report.ts');
        return (io) => loaded.report(io, kind, options);
      }),
    );
  }
}
