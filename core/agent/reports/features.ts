import { decideCheckout } from '../../decide/checkout.ts';
import { PERSONAL } from '../../decide/limits.ts';
import { periodsByDays, periodsOf } from '../../decide/periods.ts';
import type { Span } from '../../decide/spans.ts';
import { checkoutQuestion } from '../../engine/checkout-question.ts';
import { type Applied, currentLots, type Model } from '../../engine/model.ts';
import { setUpBegun } from '../../engine/setting-up.ts';
import { isoTime } from '../../state/period.ts';
import type { FeatureReport } from '../protocol.ts';
import { standingOf } from './periods.ts';
import { isBarred } from './restrictions.ts';

/** The features of the applied version as this host may use them now, by id. */
export function reportFeatures(model: Model): readonly FeatureReport[] {
  const { applied } = model;
  if (applied === null) return [];
  const { features } = applied.configuration.registry;
  return Object.keys(features)
    .sort()
    .map((id) => reportFeature(model, applied, id));
}

function reportFeature(model: Model, applied: Applied, id: string): FeatureReport {
  const feature = applied.configuration.registry.features[id];
  const lots = currentLots(model);
  const period = shownPeriod(model, applied, id);
  const { configuration } = applied;
  const begun = setUpBegun(model);
  return {
    id,
    name: feature?.name ?? id,
    seats: feature?.seats ?? 0,
    lot: lots.ok ? lots.lot(id) : 0,
    inUse: model.leases.inUse.get(id) ?? 0,
    from: period === null ? null : isoTime(period.from),
    until: period === null ? null : isoTime(period.until),
    fromSetUp:
      periodsByDays(configuration, id).find(({ from, id }) => begun(id, from) === null)?.days ?? null,
    time: standingOf(model, applied, id),
    reason: reasonAgainst(model, applied, id),
  };
}

/** The period that is open, or else the next to open, or else the last that was. */
function shownPeriod(model: Model, applied: Applied, id: string): Span | null {
  const now = model.time.lower;
  const periods = periodsOf(applied.configuration, id, setUpBegun(model));
  const open = now === null ? undefined : periods.find(({ from, until }) => from <= now && now < until);
  const coming = now === null ? undefined : periods.find(({ from }) => from > now);
  return open ?? coming ?? periods.at(-1) ?? null;
}

const OF_PERSON: ReadonlySet<string> = new Set(['user-not-entitled', 'host-not-entitled']);

/** Why nobody can check it out here now; null if anybody can. */
function reasonAgainst(model: Model, applied: Applied, id: string): string | null {
  if (isBarred(model)) return 'restricted';
  let against: string = 'unknown-user';
  for (const user of Object.keys(applied.configuration.registry.people)) {
    const question = checkoutQuestion(model, id, user);
    if (question === null) return 'no-configuration';
    const decision = decideCheckout(question);
    if (decision.allow) return null;
    against = decision.reason;
    // What one person may not do another may; every other reason is everybody's.
    if (!PERSONAL.has(decision.reason) && !OF_PERSON.has(decision.reason)) break;
  }
  return against;
}
