import { command, foresee } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { leasesElsewhere, only, shortId } from './lease-view.ts';
import { principalId } from './principal-words.ts';
import { confirm } from './prompt.ts';
import { Refusal } from './refusal.ts';

/** What `lease return` is told. */
export interface ReturnOptions {
  readonly lease?: string;
  readonly all?: boolean;
  readonly reason?: string;
  readonly dryRun?: boolean;
}

/** `lease return`: gives one seat back, or all of this host. */
export async function returnLease(io: CommandIo, options: ReturnOptions): Promise<ExitCode> {
  if ((options.lease === undefined) === (options.all !== true)) {
    throw new Refusal('USAGE', 'expected a lease or --all, and not both', 'leasehold lease list shows them');
  }
  const agent = await io.agent();
  const leases = await agent.request('leases', {});
  const wanted =
    options.lease === undefined
      ? leases
      : [
          only(
            leases,
            options.lease,
            'lease',
            ({ id }) => id,
            ({ feature }) => feature,
          ),
        ];
  const ids = wanted.map(({ id }) => id);
  if (options.dryRun === true) {
    io.out.list('LeaseList', wanted, () => wanted.map((l) => `Would return ${l.feature} (${shortId(l.id)})`));
    return EXIT.success;
  }
  if (options.all === true && ids.length > 0) {
    await confirm(io, `Return ${counted(ids.length, 'lease')} of this host, though tools may be using them?`);
    await command(io, { do: 'return-all' }, 'returned', 'done');
  } else {
    for (const lease of ids)
      await command(io, { do: 'return', lease, reason: options.reason ?? null }, 'returned');
  }
  io.out.list('LeaseList', wanted, () =>
    wanted.length === 0
      ? ['No leases to return']
      : wanted.map(
          (lease) => `${io.out.tone('✓', 'green')} Returned ${lease.feature} (${shortId(lease.id)})`,
        ),
  );
  return EXIT.success;
}

/** What `lease remove` is told. */
export interface RemoveOptions {
  readonly reason: string;
  readonly host?: string;
  readonly dryRun?: boolean;
}

/** `lease remove`: signs an order that ends a lease of some host. */
export async function removeLease(
  io: CommandIo,
  options: RemoveOptions & { readonly lease: string },
): Promise<ExitCode> {
  const { host, lease } = await located(io, options);
  const { reason } = options;
  const wanted = { do: 'remove', host: principalId(host), lease, reason } as const;
  if (options.dryRun === true) {
    await foresee(io, wanted);
    io.out.show('RemovalPlan', { host, lease, reason }, () => [
      `Would sign an order that ends lease ${lease} of ${host}: ${reason}`,
    ]);
    return EXIT.success;
  }
  await confirm(io, `End lease ${shortId(lease)} of ${host}?`);
  const recorded = await command(io, wanted, 'recorded');
  io.out.show('Removal', { host, lease, reason, log: recorded.log, seq: recorded.seq }, () => [
    `${io.out.tone('✓', 'green')} Ordered the end of lease ${shortId(lease)} on ${host}`,
  ]);
  return EXIT.success;
}

/** Characters of an id that can only be a whole one. */
const WHOLE_ID = 20;

/** The host and the whole id; a host that is named with a whole id is believed, for it may not have told of its leases. */
async function located(
  io: CommandIo,
  { host, lease }: { readonly host?: string; readonly lease: string },
): Promise<{ readonly host: string; readonly lease: string }> {
  const agent = await io.agent();
  const own = await agent.request('leases', {});
  const all = [...own, ...(await leasesElsewhere(agent))].filter(
    (one) => host === undefined || one.host === host,
  );
  const unique = [...new Map(all.map((one) => [`${one.host} ${one.id}`, one])).values()];
  if (unique.every(({ id }) => !id.startsWith(lease))) {
    if (host !== undefined && lease.length >= WHOLE_ID) return { host, lease };
    const where = host === undefined ? '' : ` of ${host}`;
    throw new Refusal(
      'NOT_FOUND',
      `there is no known lease ${lease}${where}`,
      'leasehold lease list --all-hosts shows those that hosts have told of; any other needs its whole id and --host',
    );
  }
  const found = only(unique, lease, 'known lease', ({ id }) => id);
  return { host: found.host, lease: found.id };
}
