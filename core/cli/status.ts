import { mayStillBeTaken } from '../agent/newcomer.ts';
import type { StatusReport, TimeReport } from '../agent/protocol.ts';
import type { CommandIo } from './command-io.ts';
import { counted } from './counted.ts';
import { shortDuration, signedDuration } from './duration.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { holderOf } from './lease-view.ts';
import { showMoment } from './moment.ts';
import { overviewOf } from './overview-reading.ts';
import { isAway, relayWord, relayWords } from './relay-words.ts';
import { restrictionWords, seatWords, wayBack, wayOn } from './restriction-words.ts';
import { overdraftLines, overviewLines } from './status-overview.ts';
import { table } from './table.ts';

/** What `status` is told. */
export interface StatusOptions {
  readonly all?: boolean;
}

/** `status`: host, agent, relay, time, version, leases, what waits, and the next command; with --all who uses what, everywhere. */
export async function status(io: CommandIo, { all = false }: StatusOptions): Promise<ExitCode> {
  const agent = await io.agent();
  const report = await agent.request('status', {});
  const overview = all ? await overviewOf(agent) : null;
  io.out.show('Status', overview === null ? report : { ...report, overview }, () => [
    ...facts(io, report),
    ...(overview === null ? leaseLines(io, report) : overviewLines(io, overview)),
    ...overdraftLines(report).map((line) => io.out.line(`${io.out.tone('!', 'yellow')} ${line}`)),
    ...report.alarms.map(({ text }) => io.out.line(`${io.out.tone('!', 'yellow')} ${text}`)),
    ...scheduleLines(io, report),
    ...report.relays
      .filter(isAway)
      .map((relay) =>
        io.out.line(`${io.out.tone('!', 'yellow')} ${relay.url} ${relayWords(relay, io.calendar)}`),
      ),
    ...[
      ...timeLines(report),
      ...wrongTimeLines(report),
      ...restrictionLines(io, report),
      ...newcomerLines(io, report),
      ...nextSteps(report),
    ].map((line) => io.out.line(`${io.out.tone('!', 'yellow')} ${line}`)),
  ]);
  return EXIT.success;
}

function facts(io: CommandIo, report: StatusReport): readonly string[] {
  const { agent, host, relay } = report;
  const mode = agent.mode === 'on-demand' ? '' : `, ${agent.mode}`;
  const relayText = relay.url === null ? 'none' : `${relay.url}  ${relayWord(relay)}`;
  const roles = host === null || host.roles.length === 0 ? '' : ` (${host.roles.join(', ')})`;
  // As wide as `Config`, so that all three begin at one place.
  const label = (text: string) => text.padEnd('Config'.length);
  const rows = [
    [
      label('Host'),
      `${host?.name ?? 'none'}${roles}`,
      'Agent',
      `running, pid ${agent.pid}, ${counted(agent.clients, 'client')}${mode}`,
    ],
    [label('Relay'), relayText, 'Time', timeWords(report.time)],
  ];
  const width = io.stdout.isTTY ? io.stdout.columns : Number.POSITIVE_INFINITY;
  return [
    ...table(['', '', '', ''], rows, width).slice(1),
    io.out.line(`Config  ${report.realm === null ? '' : `${report.realm.name}: `}${configWords(report)}`),
  ];
}

/** How old the signed time is, and how far the local clock is from it. */
function timeWords(time: TimeReport): string {
  if (time.conflict) return 'relays contradict each other';
  if (time.lower === null) return 'no signed time yet';
  const age = time.offlineAge === null ? 'earlier' : `${shortDuration(time.offlineAge)} ago`;
  const offset = clockOffset(time);
  return `signed ${age}${offset === null ? '' : `, local clock ${signedDuration(offset)}`}`;
}

/** Seconds that the local clock is outside of what is known of the present: 0 within the interval; null if nothing is known. */
export function clockOffset({ lower, upper, wall }: TimeReport): number | null {
  if (lower === null) return null;
  if (wall < lower) return wall - lower;
  return upper !== null && wall > upper ? wall - upper : 0;
}

function configWords({ applied, draining, leases, newest, pending }: StatusReport): string {
  const now = applied === null ? 'none applied yet' : `v${applied} applied`;
  if (pending !== null) {
    const left = leases.length === 0 ? '' : `, ${counted(leases.length, 'lease')} left`;
    const state = pending.certified
      ? draining
        ? `draining${left}`
        : `certified${left}`
      : `${pending.acks} of ${pending.quorum} acks`;
    return `${now}; v${pending.version} received: ${state}`;
  }
  return newest !== null && newest !== applied ? `${now}; v${newest} is the newest` : now;
}

function leaseLines(io: CommandIo, { leases, waiting }: StatusReport): readonly string[] {
  const queue = waiting === 0 ? [] : [`${counted(waiting, 'checkout')} in the queue`];
  if (leases.length === 0) return queue;
  const rows = leases.map((lease) => [
    lease.feature,
    holderOf(lease.process),
    shortDuration(io.calendar.now - lease.since),
    `${showMoment(lease.end, io.calendar)}${lease.state === 'active' ? '' : ` (${lease.state})`}`,
  ]);
  return [...io.out.table(['FEATURE', 'HELD BY', 'SINCE', 'VALID UNTIL'], rows), ...queue];
}

function scheduleLines(io: CommandIo, { schedule }: StatusReport): readonly string[] {
  if (schedule === null) return [];
  const { last, message, next } = schedule;
  const when = next === null ? 'never again' : `next at ${showMoment(next, io.calendar)}`;
  const before = last === null ? '' : `; last: ${last}`;
  return [io.out.line(`Publishes by itself, ${when}: ${message}${before}`)];
}

/** Newcomers wait for nothing but a version, and only an issuer can make one. */
function newcomerLines(io: CommandIo, report: StatusReport): readonly string[] {
  const { host, newcomers, pending, schedule } = report;
  const isIssuer = host?.roles.includes('issuer') === true;
  if (newcomers.length === 0 || pending !== null || !isIssuer) return [];
  const noun = newcomers.every(({ kind }) => kind === 'host') ? 'host' : 'newcomer';
  const who = `${counted(newcomers.length, noun)} joined and ${newcomers.length === 1 ? 'waits' : 'wait'}`;
  const by = schedule?.next == null ? '' : ` until ${showMoment(schedule.next, io.calendar)}, or sooner`;
  return [`${who}${by}: leasehold config publish  (${newcomers.map(({ id }) => id).join(', ')})`];
}

/** Features named here; `lease check` tells of any. */
const MAX_PERIODS = 5;

/** What is known of time, and which periods end soon, have not begun or are over: each with its date. */
function timeLines({ periods = [], time }: StatusReport): readonly string[] {
  // Without any signed time the next step says so, and a conflict is an alarm.
  const own = (time.standing ?? []).filter(
    ({ state }) => state === 'offline' || state === 'offline-too-long',
  );
  const left = periods.length - MAX_PERIODS;
  return [
    ...own.map(({ sentence }) => sentence),
    ...periods.slice(0, MAX_PERIODS).map(({ feature, sentence }) => `${feature}: ${sentence}`),
    ...(left > 0 ? [`${counted(left, 'more feature')} like these: leasehold lease check FEATURE`] : []),
  ];
}

/** A relay can be in step and sign time that nobody here believes; leases would end, and nothing else say why. */
function wrongTimeLines({ relays }: StatusReport): readonly string[] {
  return relays.filter(({ time }) => time === 'wrong').map(({ timeDetail, url }) => `${url}: ${timeDetail}`);
}

function restrictionLines(io: CommandIo, { host, restricted }: StatusReport): readonly string[] {
  const isIssuer = host?.roles.includes('issuer') === true;
  return restricted.flatMap((one) => {
    const words = restrictionWords(one, io.calendar);
    if (one.id === host?.id) return [words, `Nothing is leased anew here: ${wayBack(one)}`];
    const seats = seatWords(one, io.calendar);
    const said = seats === null ? [words] : [words, seats];
    return isIssuer ? [...said, `To go on without it: ${wayOn(one)}`] : said;
  });
}

function nextSteps(report: StatusReport): readonly string[] {
  const { applied, join, leases, pending, realm, time } = report;
  if (realm === null) return ['No realm here yet.  Begin: leasehold init   Enter: leasehold join FILE'];
  if (join !== null) return [joinStep(join)];
  if (pending?.refused != null) return [`v${pending.version} is refused.  Why: leasehold rollout why`];
  if (pending !== null && pending.signatures < pending.needed) {
    return [`v${pending.version} lacks signatures.  Issuers: leasehold config sign`];
  }
  if (pending?.certified === true && leases.length > 0) {
    const when =
      leases.length === 1
        ? 'the lease ends'
        : leases.length === 2
          ? 'both leases end'
          : `all ${leases.length} leases end`;
    return [
      `v${pending.version} applies when ${when}.`,
      'Release: leasehold lease return --all   Follow: leasehold rollout watch',
    ];
  }
  if (pending !== null) return [`v${pending.version} is on its way.  Why: leasehold rollout why`];
  if (applied === null) {
    return ['Nothing is published yet.  Look: leasehold draft status   Then: leasehold config publish'];
  }
  if (time.lower === null) return ['Nothing can be leased without signed time.  Look: leasehold doctor'];
  return [];
}

function joinStep(join: NonNullable<StatusReport['join']>): string {
  switch (join.state) {
    case 'kept':
      return 'Not a member yet: an issuer publishes a version.  There: leasehold config publish';
    case 'waiting':
      return 'Not a member yet, and no relay has confirmed the join so far.  Look: leasehold doctor';
    case 'refused':
      if (mayStillBeTaken(join)) {
        return 'Not joined yet; the relay is asked again by itself.  Look: leasehold doctor   Give up: leasehold leave';
      }
      return 'Not joined.  Here: leasehold leave   Then, with a new invitation: leasehold join FILE';
  }
}
