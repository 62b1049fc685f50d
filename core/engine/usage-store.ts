import type { StoreWrite } from '../ports.ts';
import { BODIES, type Body } from '../wire/bodies.ts';
import { decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { decodeShape, fields, flag, integer, optional, text } from '../wire/shape.ts';
import type { SeatUse, UsageHour } from './usage-hour.ts';

/** Keys of what is kept of the present hour's use start with this. */
export const USAGE_PREFIX = 'usage/';

const HOUR_KEY = `${USAGE_PREFIX}hour`;
const ENDED = `${USAGE_PREFIX}ended/`;
const WAITING = `${USAGE_PREFIX}waiting/`;

const ended = fields({
  ...{ feature: text(256), user: text(256), from: integer(), until: integer() },
  idle: optional(flag),
});

/** The write that keeps a session which has ended; `place` counts those of the hour. */
export function writeEnded(use: SeatUse, hour: number, place: number): StoreWrite {
  const value = encodeCbor(ended.encode({ ...use, until: use.until ?? use.from }));
  return { key: `${ENDED}${hour}/${place}`, value };
}

/** The write that keeps all of the hour but the sessions. */
export function writeHour(body: Body<'usage'>): StoreWrite {
  return { key: HOUR_KEY, value: encodeCbor(BODIES.usage.encode(body)) };
}

/** The write that keeps the record of an hour that is over until it stands in the log. */
export function writeWaiting(body: Body<'usage'>): StoreWrite {
  return { key: `${WAITING}${body.hour}`, value: encodeCbor(BODIES.usage.encode(body)) };
}

/** The write that takes such a record off the disk. */
export function eraseWaiting({ hour }: Body<'usage'>): StoreWrite {
  return { key: `${WAITING}${hour}`, value: null };
}

/** Takes up what the disk has of this host's use. What cannot be read there is counted as lost: use is no reason not to start. */
export function readUsage(usage: UsageHour, key: string, value: Uint8Array): void {
  if (key.startsWith(ENDED)) readEnded(usage, key, value);
  else if (key.startsWith(WAITING)) readWaiting(usage, value);
  else readHour(usage, value);
}

function readEnded(usage: UsageHour, key: string, value: Uint8Array): void {
  const decoded = decodeCbor(value);
  const use = decoded.ok ? decodeShape(ended, decoded.value) : decoded;
  usage.kept.push(key);
  if (!use.ok) {
    usage.lost += 1;
    return;
  }
  const { idle, ...rest } = use.value;
  usage.ended.push({ ...rest, ...(idle ? { idle } : {}) });
}

function readWaiting(usage: UsageHour, value: Uint8Array): void {
  const body = readBody(value);
  if (body === null) usage.lost += 1;
  else usage.waiting.push(body);
}

function readHour(usage: UsageHour, value: Uint8Array): void {
  const body = readBody(value);
  if (body === null) return;
  const { denials, hour, lost, names, peaks, quiet } = body;
  usage.hour = hour;
  usage.quiet = quiet;
  usage.lost += lost;
  for (const [feature, seats] of peaks) usage.peaks.set(feature, seats);
  for (const [feature, user, at, reason] of denials) {
    const nameOf = (place: number) => names[place] ?? '';
    const named = { feature: nameOf(feature), user: nameOf(user), reason: nameOf(reason) };
    usage.denials.push({ ...named, at: hour + at });
  }
}

function readBody(value: Uint8Array): Body<'usage'> | null {
  const decoded = decodeCbor(value);
  const body = decoded.ok ? decodeShape(BODIES.usage, decoded.value) : decoded;
  return body.ok ? body.value : null;
}
