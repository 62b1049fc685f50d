import { type LogId, type Seconds, seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import { isRestricted, type Model, mayReport } from './model.ts';

/** Running time between two records of this kind: that a twin lives is hearsay, and who pretends it must not fill a log. */
const SHOW_EVERY = seconds(3600);

/**
 * Another process says that it lives under this host's log, as on a copy of the data directory. Nothing is decided on
 * that, but both sign a record at once that differs: two records at one place are the proof that they fork (rule R7).
 */
export function meetTwin(model: Model, run: Uint8Array): Effect[] {
  if (!isDue(model.twin.shownAt, model.running)) return [];
  model.twin.wanted = run;
  return showTwins(model);
}

/** Signs the record that a twin was to be shown, as soon as this host may sign. */
export function showTwins(model: Model): Effect[] {
  const { twin } = model;
  if (twin.wanted === null || !mayReport(model) || isRestricted(model)) return [];
  const body = { whole: false, next: new Map<LogId, number>(), run: twin.wanted };
  twin.wanted = null;
  twin.shownAt = model.running;
  return [{ kind: 'append', record: { type: 'heads', body }, call: null }];
}

function isDue(last: Seconds | null, now: Seconds): boolean {
  return last === null || now - last >= SHOW_EVERY;
}
