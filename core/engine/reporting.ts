import { nextSeqs } from '../ledger/ledger.ts';
import { type LogId, seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import { type Model, mayReport } from './model.ts';

/** Running time between two `heads` records. */
const HEADS_EVERY = seconds(3600);
/** Statements of heads between two whole ones. */
const WHOLE_EVERY = 24;

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
