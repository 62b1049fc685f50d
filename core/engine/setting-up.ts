import { periodsByDays, type SetUp } from '../decide/periods.ts';
import { isCertain } from '../state/clock.ts';
import { setUpAt } from '../state/set-up.ts';
import { seconds } from '../units.ts';
import type { TimeToken } from '../verify/time.ts';
import type { Effect } from './effect.ts';
import { isRestricted, lotQuestion, type Model, mayReport, newestVersion } from './model.ts';

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
  return (period, from) => {
    const token = setUpToken(model);
    // No set-up is made before the dates of a period let it begin.
    const here = token === null ? null : seconds(Math.max(from, token.midpoint - token.radius));
    return begun(period, from) ?? here;
  };
}

/** What a set-up made now would be dated by; null where this host may make none. */
function setUpToken(model: Model): TimeToken | null {
  const { time, token } = model;
  const liars = newestVersion(model)?.roster.policy.lyingRelays ?? 0;
  // The attack: a set-up by a lying relay's past would end the period at once and for good, since the earliest counts.
  return isCertain(time, liars) && mayReport(model) && !isRestricted(model) ? token : null;
}

/** The set-ups that a lease of a feature is: on disk with it, and before anybody sees it (DESIGN: time, decisions). */
export function setUps(model: Model, feature: string): Effect[] {
  const { applied, settingUp } = model;
  const token = setUpToken(model);
  if (applied === null || token === null) return [];
  const begun = setUpBegun(model);
  const at = token.midpoint - token.radius;
  const open = periodsByDays(applied.configuration, feature).filter(
    ({ from, id, until }) => from <= at && at < until && !settingUp.has(id) && begun(id, from) === null,
  );
  for (const { id } of open) settingUp.add(id);
  return open.map(({ id }) => {
    const body = { period: id, relay: token.relay, token: token.bytes };
    return { kind: 'append', record: { type: 'setup', body }, call: null };
  });
}
