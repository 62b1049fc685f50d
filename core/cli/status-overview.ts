import type { FeatureOverview, HostSighting, RealmOverview, SeatInUse } from '../agent/overview-report.ts';
import type { StatusReport } from '../agent/protocol.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { shortDuration } from './duration.ts';
import { holderOf } from './lease-view.ts';
import { showMoment } from './moment.ts';

/** Who uses what, feature by feature, and then how old what is known of each host is. */
export function overviewLines(io: CommandIo, { features, hosts }: RealmOverview): readonly string[] {
  if (hosts.length === 0) return ['No version has been applied on this host'];
  return [
    ...features.flatMap((one) => ['', ...featureLines(io, one)]),
    '',
    ...io.out.table(
      ['HOST', 'HEARD', 'RECORD', 'HELD LAST'],
      hosts.map((one) => [one.host, heardWords(io, one), recordWords(io, one), heldWords(one)]),
    ),
  ];
}

/** Which features are in overdraft, for a vendor may want to be paid for it. */
export function overdraftLines({ overdrawn }: StatusReport): readonly string[] {
  return overdrawn.map(
    ({ feature, overdraft, overdrawn: used }) =>
      `${feature}: overdraft ${used} of ${overdraft}, as far as is known here`,
  );
}

function featureLines(io: CommandIo, one: FeatureOverview): readonly string[] {
  const { deniedToday, feature, name, overdraft, overdrawn, queue, seats, uses } = one;
  const called = name === feature ? feature : `${feature} (${name})`;
  const facts = [
    `${uses.length} of ${counted(seats, 'seat')} known in use`,
    ...(overdraft === 0 ? [] : [`overdraft ${overdrawn} of ${overdraft}`]),
    ...(deniedToday === null || deniedToday === 0 ? [] : [`${deniedToday} denied today`]),
  ];
  const rows = uses.map((use) => [
    use.user,
    use.host,
    use.tool === null ? '-' : holderOf({ tool: use.tool, pid: use.pid }),
    shortDuration(io.calendar.now - use.since),
    untilWords(io, use),
  ]);
  const table =
    rows.length === 0 ? [] : io.out.table(['USER', 'HOST', 'HELD BY', 'SINCE', 'VALID UNTIL'], rows);
  const waiting = queue.map(
    ({ user, waited, ...process }, at) =>
      `${at + 1}. in the queue here: ${user}, ${holderOf(process)}, for ${shortDuration(waited)}`,
  );
  return [
    io.out.line(`${called}: ${facts.join(', ')}`),
    ...[...table, ...waiting].map((line) => io.out.line(`  ${line}`)),
  ];
}

function untilWords(io: CommandIo, { end, overdraft }: SeatInUse): string {
  const until = end === null ? 'by its last record' : showMoment(end, io.calendar);
  return overdraft ? `${until}, overdraft` : until;
}

function heardWords(io: CommandIo, { heard, lastSeen }: HostSighting): string {
  if (heard === 'here') return 'this host';
  if (heard === 'present') return 'present';
  return lastSeen === null ? 'away, never heard' : `away, heard ${shortDuration(io.now() - lastSeen)} ago`;
}

function recordWords(io: CommandIo, { recordUpTo }: HostSighting): string {
  return recordUpTo === null ? 'none' : `${shortDuration(Math.max(0, io.calendar.now - recordUpTo))} old`;
}

function heldWords({ heard, heldLast, recordUpTo }: HostSighting): string {
  if (heard !== 'away' || recordUpTo === null) return '-';
  return heldLast.length === 0
    ? 'nothing'
    : heldLast.map(({ feature, user }) => `${feature} (${user})`).join(', ');
}
