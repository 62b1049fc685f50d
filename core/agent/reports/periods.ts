import { decideUse } from '../../decide/checkout.ts';
import { standingsOf, type TimeStanding, type TimeState } from '../../decide/expiry.ts';
import { type Applied, type Model, maxOffline } from '../../engine/model.ts';
import { setUpHere } from '../../engine/setting-up.ts';
import type { PeriodReport } from '../protocol.ts';

/** Features that one report names. */
const MAX_PERIODS = 100;

/** What is about the features' periods; the rest is about time itself and told once. */
const OF_PERIODS: ReadonlySet<TimeState> = new Set(['expires-soon', 'not-started', 'expired', 'not-set-up']);

/** What signed time makes of a feature's periods on this host. */
export function standingOf(model: Model, applied: Applied, feature: string): readonly TimeStanding[] {
  const { configuration } = applied;
  const { time } = model;
  const setUp = setUpHere(model);
  return standingsOf(decideUse({ configuration, feature, time, maxOffline: maxOffline(model), setUp }));
}

/** The features whose periods end soon, have not begun or are over, those first that change first. */
export function reportPeriods(model: Model): readonly PeriodReport[] {
  const { applied } = model;
  if (applied === null) return [];
  const all = Object.keys(applied.configuration.registry.features).flatMap((feature) =>
    standingOf(model, applied, feature)
      .filter(({ state }) => OF_PERIODS.has(state))
      .map((standing) => ({ feature, ...standing })),
  );
  const when = ({ changesAt }: PeriodReport) => changesAt ?? Number.POSITIVE_INFINITY;
  all.sort((a, b) => when(a) - when(b) || (a.feature < b.feature ? -1 : 1));
  return all.slice(0, MAX_PERIODS);
}
