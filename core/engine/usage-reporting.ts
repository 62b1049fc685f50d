import type { StoreWrite } from '../ports.ts';
import type { Body } from '../wire/bodies.ts';
import { MAX_QUIET_HOURS } from '../wire/bounds.ts';
import type { Effect } from './effect.ts';
import { isRestricted, type Model, mayReport } from './model.ts';
import { bodyOf, HOUR, openUses } from './usage-hour.ts';
import { eraseWaiting, writeEnded, writeHour, writeWaiting } from './usage-store.ts';

/** Hours without an event after which a host says so: unused is not unknown. */
const QUIET_RECORD = 24;
/** Records of hours that are over and wait to be written to the log; then the oldest is given up. */
export const MAX_WAITING_HOURS = 168;

/**
 * Closes the hour that has passed, so that reports cover hosts that were offline (DESIGN: leases). What is held over the
 * turn of the hour counts in both hours. Where this host may not write to its log yet, the record waits on its disk.
 */
export function reportUsage(model: Model): Effect[] {
  const { time, usage } = model;
  const writes: StoreWrite[] = [];
  if (time.lower !== null) {
    const hour = Math.floor(time.lower / HOUR) * HOUR;
    usage.hour ??= hour;
    if (usage.hour !== hour) writes.push(...closeHour(model, usage.hour, hour));
  }
  const said = usage.waiting.length > 0 && mayReport(model) && !isRestricted(model);
  if (!said) return writes.length > 0 ? [{ kind: 'write', writes }] : [];
  const records = usage.waiting.splice(0);
  writes.push(...records.map(eraseWaiting));
  return [
    { kind: 'write', writes },
    ...records.map((body): Effect => ({ kind: 'append', record: { type: 'usage', body }, call: null })),
  ];
}

function closeHour(model: Model, over: number, next: number): StoreWrite[] {
  const { usage } = model;
  const body = bodyOf(usage, over, [...usage.ended, ...openUses(model)]);
  // Hours in which the machine slept or no agent ran: nothing was lent in them.
  const between = Math.max(0, (next - over) / HOUR - 1);
  const isQuiet = body.sessions.length + body.denials.length + body.peaks.size + body.lost === 0;
  const writes: StoreWrite[] = usage.kept.splice(0).map((key) => ({ key, value: null }));
  if (isQuiet && body.quiet + 1 + between < QUIET_RECORD) {
    usage.quiet = body.quiet + 1 + between;
  } else {
    writes.push(...keepRecord(model, body));
    usage.quiet = Math.min(MAX_QUIET_HOURS, between);
  }
  usage.hour = next;
  usage.ended.length = 0;
  usage.unkept.length = 0;
  usage.denials.length = 0;
  usage.lost = 0;
  usage.peaks.clear();
  for (const [feature, seats] of model.leases.inUse) if (seats > 0) usage.peaks.set(feature, seats);
  usage.isKept = true;
  return [...writes, writeHour(bodyOf(usage, next, []))];
}

function keepRecord({ usage }: Model, body: Body<'usage'>): StoreWrite[] {
  const given = usage.waiting.length >= MAX_WAITING_HOURS ? usage.waiting.shift() : undefined;
  const lost = given === undefined ? 0 : given.sessions.length + given.denials.length + given.lost;
  const record = { ...body, lost: body.lost + lost };
  usage.waiting.push(record);
  return [...(given === undefined ? [] : [eraseWaiting(given)]), writeWaiting(record)];
}

/** What must reach the disk with an input's effects: a lease that is gone from there goes on as a session that ended. */
export function keepEnded({ usage }: Model): Effect[] {
  const fresh = usage.unkept.splice(0);
  if (fresh.length === 0) return [];
  const writes = fresh.map((use, i) => writeEnded(use, usage.hour ?? 0, usage.kept.length + i));
  usage.kept.push(...writes.map(({ key }) => key));
  return [{ kind: 'write', writes }];
}

/** Keeps the rest of the hour, once a tick: a crash loses the denials of a second. */
export function keepHour({ usage }: Model): Effect[] {
  if (usage.isKept || usage.hour === null) return [];
  usage.isKept = true;
  return [{ kind: 'write', writes: [writeHour(bodyOf(usage, usage.hour, []))] }];
}
