import type { CommandIo } from './command-io.ts';
import { shortDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { holderOf, leasesElsewhere, leaseTable, shortId } from './lease-view.ts';
import { showMoment } from './moment.ts';
import { overdraftLines } from './status-overview.ts';

/** `lease list`: leases of this host; with --all-hosts also what other hosts have told of. */
export async function listLeases(io: CommandIo, options: { readonly allHosts?: boolean }): Promise<ExitCode> {
  const agent = await io.agent();
  const own = await agent.request('leases', {});
  if (options.allHosts !== true) {
    const drawn = overdraftLines(await agent.request('status', {}));
    io.out.list('LeaseList', own, () => [
      ...(own.length === 0 ? ['No leases'] : leaseTable(io, own)),
      ...drawn.map((line) => io.out.line(`${io.out.tone('!', 'yellow')} ${line}`)),
    ]);
    return EXIT.success;
  }
  const told = await leasesElsewhere(agent);
  const { restricted } = await agent.request('status', {});
  const shutOut = new Map(restricted.map(({ id, kind }) => [id, kind]));
  const here = new Set(own.map(({ id }) => id));
  const listed = [
    ...own.map(({ id, host, feature, user, process, since, end }) => {
      return {
        host: String(host),
        id,
        feature,
        user: String(user),
        tool: process.tool,
        pid: process.pid,
        since,
        end,
      };
    }),
    ...told.filter(({ id }) => !here.has(id)),
  ];
  const all = listed.map((lease) => ({ ...lease, restricted: shutOut.get(lease.host) ?? null }));
  io.out.list('LeaseList', all, () => {
    if (all.length === 0) return ['No leases'];
    return io.out.table(
      ['LEASE', 'HOST', 'FEATURE', 'USER', 'HELD BY', 'SINCE', 'VALID UNTIL'],
      all.map((lease) => [
        shortId(lease.id),
        lease.restricted === null ? lease.host : `${lease.host} (${lease.restricted})`,
        lease.feature,
        lease.user,
        holderOf(lease),
        shortDuration(io.calendar.now - lease.since),
        showMoment(lease.end, io.calendar),
      ]),
    );
  });
  io.out.note('Hosts that are away tell of their leases only while a rollout waits for them');
  return EXIT.success;
}
