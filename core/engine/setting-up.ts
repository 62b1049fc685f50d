import { periodsByDays, type SetUp } from '../decide/periods.ts';
import { setUpAt } from '../state/set-up.ts';
import { seconds } from '../units.ts';
import type { Effect } from './effect.ts';
import { isRestricted, lotQuestion, type Model, mayReport } from './model.ts';

/** When periods by days began on this host, by the set-ups in the ledger. */
export function setUpBegun(model: Model): SetUp {
  return (period) => {
    // Found when it is asked for: most checkouts are of features without such a period.
    const host = lotQuestion(model)?.host;
    return host === undefined ? null : setUpAt(model.state.membership, period, host, model.time.lower);
  };
}

/** When periods by days began on this host, or would with a lease given now; null where it has no way to say so. */
export function setUpHere(model: Model): SetUp {
  const begun = setUpBegun(model);
  return (period) => {
    const { token } = model;
    const can = token !== null && mayReport(model) && !isRestricted(model);
    return begun(period) ?? (can ? seconds(token.midpoint - token.radius) : null);
  };
}

/** The set-ups that a lease of a feature is: on disk with it, and before anybody sees it (DESIGN: time, decisions). */
export function setUps(model: Model, feature: string): Effect[] {
  const { applied, settingUp, token } = model;
  if (applied === null || token === null || !mayReport(model) || isRestricted(model)) return [];
  const begun = setUpBegun(model);
  const at = token.midpoint - token.radius;
  const open = periodsByDays(applied.configuration, feature).filter(
    ({ from, id, until }) => from <= at && at < until && !settingUp.has(id) && begun(id) === null,
  );
  for (const { id } of open) settingUp.add(id);
  return open.map(({ id }) => {
    const body = { period: id, relay: token.relay, token: token.bytes };
    return { kind: 'append', record: { type: 'setup', body }, call: null };
  });
}
