import type { FeatureOverview, SeatInUse } from '../../../core/agent/overview-report.ts';
import type { FeatureReport } from '../../../core/agent/protocol.ts';
import { shortDenial } from './denial.ts';
import { facts, type Item } from './item.ts';
import { holderOf } from './leases.ts';
import { momentWords, spanWords } from './moment.ts';
import type { Reader } from './reader.ts';
import { presentOf, type Said, type Snapshot } from './snapshot.ts';

/** The rows of the view Features: what can be checked out, and below each feature who uses it, on any host. */
export function featureItems(snapshot: Snapshot, reader: Reader, warnDays: number): readonly Item[] {
  if (snapshot.kind !== 'connected') return [];
  const { said } = snapshot;
  const overview = new Map(said.overview.features.map((one) => [one.feature, one]));
  return [...said.features]
    .sort((a, b) => a.name.localeCompare(b.name, reader.locale))
    .map((feature) => featureItem(feature, overview.get(feature.id), said, reader, warnDays));
}

/** Seats of a feature that nobody is known to use, how many there are, and why none of them can be had here, as `3/5 free`. */
export function seatWords(feature: FeatureReport, said: Said, reader: Reader): string {
  const { say } = reader;
  const free = freeSeats(feature, said);
  const seats = say('{0}/{1} free', free, feature.seats);
  const { reason } = feature;
  if (reason === null) return seats;
  // This host has none left, and asks the others for one: that they are there is what matters.
  if (reason === 'no-seat') return free === 0 ? seats : `${seats} · ${say('on other hosts')}`;
  return `${seats} · ${shortDenial(reason, reader)}`;
}

function freeSeats({ id, inUse, seats }: FeatureReport, { overview }: Said): number {
  const used = overview.features.find(({ feature }) => feature === id)?.uses.length ?? inUse;
  return Math.max(0, seats - used);
}

/** Seconds until the open period of a feature ends; null where none is open. */
export function endsIn({ until, time = [] }: FeatureReport, now: number): number | null {
  const isOpen = time.some(({ allow }) => allow);
  return until === null || !isOpen ? null : Math.max(0, Date.parse(until) / 1000 - now);
}

function featureItem(
  feature: FeatureReport,
  overview: FeatureOverview | undefined,
  said: Said,
  reader: Reader,
  warnDays: number,
): Item {
  const { say } = reader;
  const now = presentOf(said.status);
  const { id, name, reason } = feature;
  const left = endsIn(feature, now);
  const isEnding = left !== null && left <= warnDays * 86_400;
  const words = [
    seatWords(feature, said, reader),
    ...(isEnding ? [say('ends in {0}', spanWords(reader, left))] : []),
  ].join(' · ');
  const isDenied = reason !== null && reason !== 'no-seat';
  const isFull = reason === 'no-seat' && freeSeats(feature, said) === 0;
  return {
    id: `feature ${id}`,
    label: name,
    description: words,
    icon: isDenied || isFull ? 'circle-slash' : reason === null ? 'circle-large-filled' : 'circle-large',
    ...(isDenied || isEnding ? { tone: 'warning' as const } : {}),
    context: 'feature',
    subject: id,
    spoken: `${name}, ${words}`,
    tooltip: () =>
      facts(name, [
        [say('Id'), id],
        [say('Seats'), String(feature.seats)],
        [say('Seats of this host'), String(feature.lot)],
        [say('In use on this host'), String(feature.inUse)],
        [say('Period ends'), left === null ? null : momentWords(reader, now + left, now)],
        [say('Denied today'), overview?.deniedToday ? String(overview.deniedToday) : null],
      ]),
    children: (overview?.uses ?? []).map((use, at) => useItem(id, use, at, reader, now)),
  };
}

function useItem(feature: string, use: SeatInUse, at: number, reader: Reader, now: number): Item {
  const { say } = reader;
  const label = `${use.user}@${use.host}`;
  const since = say('since {0}', momentWords(reader, use.since, now));
  const words = use.overdraft ? `${since} · ${say('overdraft')}` : since;
  return {
    // A use that only a record tells of has no lease; two of one person at one host differ by their place.
    id: `use ${feature} ${use.lease ?? `${label} ${at}`}`,
    label,
    description: words,
    icon: 'person',
    spoken: `${label}, ${words}`,
    tooltip: () =>
      facts(label, [
        [say('Held by'), use.tool === null ? null : holderOf({ tool: use.tool, pid: use.pid })],
        [say('Since'), momentWords(reader, use.since, now)],
        [say('Valid until'), use.end === null ? null : momentWords(reader, use.end, now)],
      ]),
    children: [],
  };
}
