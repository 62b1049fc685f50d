import { type Command, Option } from 'commander';
import type { PublishOptions } from '../config-publish.ts';
import type { RolloutOptions } from '../rollout.ts';
import { type Bind, count, DRY_RUN, version } from './binding.ts';

const WHICH = '[version]';

/** Versions: publishing, looking at them, and following them to the hosts. */
export function addConfigCommands(program: Command, bind: Bind): void {
  const config = program
    .command('config')
    .helpGroup('Configuration:')
    .summary('publish and examine certified versions');
  config
    .command('publish')
    .summary('sign the draft as the next version')
    .option('-m, --message <text>', 'what changes and why; required unless --unschedule')
    .option('--expect <version>', 'refuse unless this is the newest version', version)
    .addOption(
      new Option('--wait [for]', 'wait until it is certified, applied here, or applied by all')
        .choices(['certified', 'here', 'applied'])
        .preset('applied'),
    )
    .option('--schedule <cron>', 'publish by itself, at the times of a cron expression (this host, its zone)')
    .option('--unschedule', 'publish no more by itself')
    .option(...DRY_RUN)
    .action(
      bind(async (options: PublishOptions) => {
        const { publish } = await import('../config-publish.ts');
        return (io) => publish(io, options);
      }),
    );
  config
    .command('preview')
    .summary('who would have been denied under the draft, by the use of the last days')
    .option('--days <n>', 'days of use that are looked at', count, 30)
    .action(
      bind(async (options: { readonly days: number }) => {
        const { previewConfig } = await import('../config-preview.ts');
        return (io) => previewConfig(io, options);
      }),
    );
  config
    .command('sign')
    .summary('sign what another issuer has proposed; without a name, list what waits')
    .argument('[candidate]', 'the candidate, or how it begins')
    .option(...DRY_RUN)
    .action(
      bind(async (candidate: string | undefined, options: { dryRun?: boolean }) => {
        const { signCandidate } = await import('../config-sign.ts');
        return (io) => signCandidate(io, candidate === undefined ? options : { ...options, candidate });
      }),
    );
  config
    .command('void')
    .summary('as a voter, close a version that cannot be decided, so that the next one can be')
    .argument('<version>', 'the next undecided version', version)
    .option(...DRY_RUN)
    .action(
      bind(async (which: number, options: { dryRun?: boolean }) => {
        const { voidVersion } = await import('../config-sign.ts');
        return (io) => voidVersion(io, { ...options, version: which });
      }),
    );
  config
    .command('show')
    .summary('a version as this host compiled it')
    .argument(WHICH, 'the newest by default', version)
    .option('--genesis', "the realm's first record in hex, for the operator of a relay, on its founder")
    .action(
      bind(async (which: number | undefined, { genesis }: { readonly genesis?: boolean }) => {
        const { showConfig, showGenesis } = await import('../config.ts');
        return (io) => (genesis === true ? showGenesis(io) : showConfig(io, { version: which ?? null }));
      }),
    );
  config
    .command('diff')
    .summary('what changed from one version to another')
    .argument('<from>', 'the older version', version)
    .argument('[to]', 'the newer version; the newest by default', version)
    .action(
      bind(async (from: number, to: number | undefined) => {
        const { diffConfig } = await import('../config.ts');
        return (io) => diffConfig(io, { from, to: to ?? null });
      }),
    );
  config
    .command('log')
    .summary('all certified versions, the newest first')
    .action(
      bind(async () => {
        const { logConfig } = await import('../config.ts');
        return (io) => logConfig(io);
      }),
    );
  config
    .command('verify')
    .summary('check every version again, from the records held')
    .action(
      bind(async () => {
        const { verifyConfig } = await import('../config.ts');
        return (io) => verifyConfig(io);
      }),
    );

  const rollout = program
    .command('rollout')
    .helpGroup('Configuration:')
    .summary('follow a version to the hosts');
  rollout
    .command('status')
    .summary('where a version stands on each host')
    .argument(WHICH, 'the newest by default', version)
    .action(
      bind(async (which: number | undefined) => {
        const { rolloutStatus } = await import('../rollout.ts');
        return (io) => rolloutStatus(io, { version: which ?? null });
      }),
    );
  rollout
    .command('watch')
    .summary('say each change until all have applied it or you interrupt')
    .argument(WHICH, 'the newest by default', version)
    .action(
      bind(async (which: number | undefined) => {
        const { rolloutWatch } = await import('../rollout-waiting.ts');
        return (io) => rolloutWatch(io, { version: which ?? null });
      }),
    );
  rollout
    .command('wait')
    .summary('return when it is done; exit code 12 if --timeout comes first')
    .argument(WHICH, 'the newest by default', version)
    .addOption(
      new Option('--for <goal>', 'certified, applied here, or applied by all')
        .choices(['certified', 'here', 'applied'])
        .default('applied'),
    )
    .action(
      bind(async (which: number | undefined, options: RolloutOptions) => {
        const { rolloutWait } = await import('../rollout-waiting.ts');
        return (io) => rolloutWait(io, { ...options, version: which ?? null });
      }),
    );
  rollout
    .command('why')
    .summary('exactly what it waits for')
    .argument('[host]', 'on this host')
    .option('--of <version>', 'the newest by default', version)
    .action(
      bind(async (host: string | undefined, options: { of?: number }) => {
        const { rolloutWhy } = await import('../rollout.ts');
        return (io) => rolloutWhy(io, { version: options.of ?? null, host: host ?? null });
      }),
    );
}
