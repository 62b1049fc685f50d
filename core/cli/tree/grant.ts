import type { Command } from 'commander';
import type { GrantImportOptions } from '../registry-grant.ts';
import { type Bind, DRY_RUN } from './binding.ts';

/** The licence codes of vendors in the registry as drafted. */
export function addGrantCommands(registry: Command, bind: Bind): void {
  const grant = registry
    .command('grant')
    .summary('licence codes of vendors')
    .description(
      'Licence codes of vendors. Of software that a vendor grants, no more seats can be published.',
    );
  grant
    .command('import')
    .summary('take licence codes into the draft')
    .argument('<code...>', 'a code as it was sent or typed, a file of codes, or - for standard input')
    .option('--trust <vendor>', 'believe the key that signed it as a key of this vendor, who may be new')
    .option(...DRY_RUN)
    .action(
      bind(async (words: readonly string[], options: GrantImportOptions) => {
        const { importCodes } = await import('../registry-grant.ts');
        return (io) => importCodes(io, { ...options, words });
      }),
    );
  grant
    .command('list')
    .summary('each code, what it grants, and whether it counts')
    .action(
      bind(async () => {
        const { listGrants } = await import('../registry-grant.ts');
        return (io) => listGrants(io);
      }),
    );
  grant
    .command('show')
    .summary('all that a code says')
    .argument('<id>', 'its id')
    .action(
      bind(async (id: string) => {
        const { showGrant } = await import('../registry-grant.ts');
        return (io) => showGrant(io, { id });
      }),
    );
  grant
    .command('remove')
    .summary('take a code out of the draft')
    .argument('<id>', 'its id')
    .option(...DRY_RUN)
    .action(
      bind(async (id: string, options: { readonly dryRun?: boolean }) => {
        const { removeGrant } = await import('../registry-grant.ts');
        return (io) => removeGrant(io, { ...options, id });
      }),
    );
}
