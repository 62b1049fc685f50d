import type { StatusReport } from '../../../core/agent/protocol.ts';
import { openRollout, rolloutWords } from './configuration.ts';
import { failureText } from './failure.ts';
import { endsIn } from './features.ts';
import { plain } from './item.ts';
import { holderOf, nameOf } from './leases.ts';
import { momentWords, spanWords } from './moment.ts';
import type { Reader } from './reader.ts';
import { presentOf, type Said, type Snapshot } from './snapshot.ts';

/** What the status bar shows. */
export interface StatusModel {
  /** With codicons, as `$(key) 3`. */
  readonly text: string;
  readonly background: null | 'warning' | 'error';
  /** The first line of the tooltip, and what a screen reader says. */
  readonly headline: string;
  /** The rest of the tooltip, in Markdown. */
  readonly details: readonly string[];
  /** Whether somebody who asked for what is relevant only is to see it. */
  readonly isRelevant: boolean;
}

/** What decides about the status bar besides the host itself. */
interface StatusOptions {
  readonly warnDays: number;
  /** The last checkout that was refused in this window and not looked at since, in words; null if none was. */
  readonly refused: string | null;
}

const DAY = 86_400;
/** The part of the time offline that is left when the status bar begins to warn. */
const LITTLE_GRACE = 0.25;

/** The state of the host in one icon and at most one word (UX: status bar); the first row that fits counts. */
export function statusModel(snapshot: Snapshot, reader: Reader, options: StatusOptions): StatusModel {
  const { say } = reader;
  switch (snapshot.kind) {
    case 'starting':
      return calm('$(loading~spin) Leasehold', say('Starting the host agent…'));
    case 'no-realm': {
      const headline = say('This host does not belong to a realm yet.');
      return { ...calm(`$(key) ${say('Set up')}`, headline), isRelevant: true };
    }
    case 'failed': {
      const { text } = failureText(snapshot.code, snapshot.detail, reader);
      return { ...calm('$(debug-disconnect) Leasehold', text), background: 'error' };
    }
    case 'connected':
      return connectedModel(snapshot.said, reader, options);
  }
}

function calm(text: string, headline: string, details: readonly string[] = []): StatusModel {
  return { text, background: null, headline, details, isRelevant: true };
}

function connectedModel(said: Said, reader: Reader, { refused, warnDays }: StatusOptions): StatusModel {
  const { say } = reader;
  const { status } = said;
  const details = detailsOf(said, reader);
  const used = status.leases.filter(({ state }) => state !== 'lingering').length;
  const count = used === 0 ? '' : ` ${used}`;
  const warning = (text: string, headline: string): StatusModel => {
    return { ...calm(text, headline, details), background: 'warning' };
  };
  if (refused !== null) return warning(`$(warning) ${say('No seat')}`, refused);
  const alarm = status.alarms.find(({ code }) => SECURITY.has(code));
  if (alarm !== undefined) return { ...warning('$(shield) Leasehold', alarm.text), background: 'error' };
  const expired = allExpired(said, reader);
  if (expired !== null) return { ...warning(`$(error) ${say('Expired')}`, expired), background: 'error' };
  const doubt = timeDoubt(status, reader);
  if (doubt !== null) return warning(`$(watch) ${say('Time?')}`, doubt);
  if (status.waiting > 0) {
    const headline = say('Checkouts in the queue: {0}', status.waiting);
    return calm(`$(clock) ${status.waiting}`, headline, details);
  }
  const { pending } = status;
  if (status.draining && pending !== null) {
    const headline = say('Leases that must end before version {0} applies: {1}', pending.version, used);
    return calm(`$(sync) v${pending.version}`, headline, details);
  }
  const offline = offlineModel(status, used, count, reader);
  if (offline !== null) return { ...offline, details };
  const ending = soonest(said);
  if (ending !== null && ending.left <= warnDays * DAY) {
    const left = spanWords(reader, ending.left);
    const headline = say('{0}: its period ends in {1}', nameOf(said, ending.feature), left);
    if (ending.left <= DAY) return warning(`$(warning) ${left}`, headline);
    return calm(`$(key)${count === '' ? '' : `${count} ·`} ${left}`, headline, details);
  }
  if (used === 0) return calm('$(key)', say('No seat in use on this host'), details);
  return calm(`$(key)${count}`, say('Seats in use on this host: {0}', used), details);
}

const SECURITY: ReadonlySet<string> = new Set([
  'fork',
  'time-conflict',
  'identity-stale',
  'candidate-refused',
]);

function allExpired({ features, status }: Said, { say }: Reader): string | null {
  if (features.length === 0 || features.some(({ reason }) => reason !== 'expired')) return null;
  return status.host === null ? null : say('The periods of all features are over.');
}

function timeDoubt({ applied, time }: StatusReport, { say }: Reader): string | null {
  if (applied === null) return null;
  if (time.lower === null) return say('No relay has signed the time for this host yet.');
  const tooLong = time.standing?.some(({ state }) => state === 'offline-too-long') === true;
  return tooLong ? say('No relay has been reached for longer than this host may be offline.') : null;
}

function offlineModel(
  { relay, time }: StatusReport,
  used: number,
  count: string,
  reader: Reader,
): Omit<StatusModel, 'details'> | null {
  if (relay.state !== 'disconnected' && relay.state !== 'refused') return null;
  const { say } = reader;
  const now = time.lower ?? time.wall;
  const left = time.graceEnd == null ? null : time.graceEnd - now;
  const since = relay.since === null ? '' : momentWords(reader, relay.since, time.wall);
  const gone =
    relay.state === 'refused' ? say('The relay refuses this host.') : say('Offline since {0}.', since);
  if (left === null) return { ...calm(`$(cloud) ${say('Offline')}${count}`, gone) };
  const until = say(
    'Leases are valid until {0} (relay time).',
    momentWords(reader, time.graceEnd ?? now, now),
  );
  const headline = used === 0 ? gone : `${gone} ${until}`;
  if (left >= LITTLE_GRACE * time.maxOffline) return calm(`$(cloud) ${say('Offline')}${count}`, headline);
  return { ...calm(`$(cloud) ${spanWords(reader, left)}`, headline), background: 'warning' };
}

/** The feature in use or to be had here whose period ends first. */
function soonest(said: Said): { readonly feature: string; readonly left: number } | null {
  const now = presentOf(said.status);
  const ends = said.features.flatMap((feature) => {
    const left = endsIn(feature, now);
    return left === null || feature.reason === 'host-not-entitled' ? [] : [{ feature: feature.id, left }];
  });
  return ends.sort((a, b) => a.left - b.left)[0] ?? null;
}

function detailsOf(said: Said, reader: Reader): readonly string[] {
  const { say } = reader;
  const { status } = said;
  const now = presentOf(status);
  const rows = status.leases.map((lease) => {
    const until = momentWords(reader, lease.end, now);
    return `| ${[nameOf(said, lease.feature), holderOf(lease.process), until].map(plain).join(' | ')} |`;
  });
  const table =
    rows.length === 0
      ? []
      : [
          [
            `| ${say('Feature')} | ${say('Held by')} | ${say('Valid until')} |`,
            '| --- | --- | --- |',
            ...rows,
          ].join('\n'),
        ];
  const rollout = openRollout(said);
  const version = status.applied === null ? say('no version applied') : say('version {0}', status.applied);
  const onItsWay =
    rollout === null
      ? []
      : [plain(`${say('Version {0}', rollout.version)}: ${rolloutWords(rollout, reader)}`)];
  const line = [status.realm?.name ?? null, version, relayWords(status, reader)].filter(
    (one) => one !== null,
  );
  return [...table, plain(line.join(' · ')), ...onItsWay, ...status.alarms.map(({ text }) => plain(text))];
}

function relayWords({ relay }: StatusReport, { say }: Reader): string {
  switch (relay.state) {
    case 'none':
      return say('no relay');
    case 'connecting':
      return say('relay not reached yet');
    case 'connected':
      return say('relay answers, not in step yet');
    case 'synced':
      return relay.detail === null ? say('in step with the relay') : say('relay {0}', relay.detail);
    case 'disconnected':
      return say('relay cannot be reached');
    case 'refused':
      return say('relay refuses this host');
  }
}
