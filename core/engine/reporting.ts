import { nextSeqs } from '../ledger/ledger.ts';
import { type LogId, seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import { type Model, mayReport } from './model.ts';

const HOUR = 3600;
/** Running time between two `heads` records. */
const HEADS_EVERY = seconds(3600);
/** Statements of heads between two whole ones. */
const WHOLE_EVERY = 24;

/** Closes the hour that has passed: its peaks and denials go into the ledger, so that reports cover hosts that were offline. */
export function reportUsage(model: Model): Effect[] {
  const { lower } = model.time;
  if (lower === null || !mayReport(model)) return [];
  const hour = Math.floor(lower / HOUR) * HOUR;
  const { usage } = model;
  if (usage.hour === hour) return [];
  const busy = usage.hour > 0 && (usage.peaks.size > 0 || usage.denials.size > 0);
  const body = { hour: usage.hour, peaks: new Map(usage.peaks), denials: new Map(usage.denials) };
  usage.hour = hour;
  usage.peaks.clear();
  usage.denials.clear();
  // What is held over the turn of the hour counts in both hours.
  for (const [feature, count] of model.inUse) if (count > 0) usage.peaks.set(feature, count);
  return busy ? [{ kind: 'append', record: { type: 'usage', body }, call: null }] : [];
}

/** Says from time to time what this host holds, as the change since it last said so (DESIGN: records, delivery). */
export function reportHeads(model: Model): Effect[] {
  if (!mayReport(model) || model.running - model.headsAt < HEADS_EVERY) return [];
  const whole = model.headsCount % WHOLE_EVERY === 0;
  const next = new Map<LogId, number>();
  for (const [log, seq] of nextSeqs(model.state.ledger)) {
    if (log !== model.self.log && (whole || model.headsReported.get(log) !== seq)) next.set(log, seq);
  }
  model.headsAt = model.running;
  if (next.size === 0) return [];
  model.headsCount += 1;
  for (const [log, seq] of next) model.headsReported.set(log, seq);
  return [{ kind: 'append', record: { type: 'heads', body: { whole, next } }, call: null }];
}
