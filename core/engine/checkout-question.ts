import type { CheckoutQuestion } from '../decide/checkout.ts';
import { decideLimits, type Use } from '../decide/limits.ts';
import type { CheckoutRequest } from './lease.ts';
import { currentLots, endsOf, lotQuestion, type Model, maxOffline } from './model.ts';
import { setUpHere } from './setting-up.ts';

/** The question that a checkout of a feature by a user puts; null before anything is applied. */
export function checkoutQuestion(model: Model, feature: string, user: string): CheckoutQuestion | null {
  const question = lotQuestion(model);
  if (model.applied === null || question === null) return null;
  return {
    configuration: model.applied.configuration,
    host: question.host,
    user,
    feature,
    time: model.time,
    lots: currentLots(model),
    inUse: model.leases.inUse.get(feature) ?? 0,
    ends: () => endsOf(model, feature),
    uses: () => usesOf(model, feature),
    maxOffline: maxOffline(model),
    setUp: setUpHere(model),
    deadline: model.draining?.deadline ?? null,
  };
}

/** Who uses seats of a feature: here, one of them left out where that is wanted, and on other hosts as far as they have told over presence. */
export function usesOf(model: Model, feature: string, except?: string): readonly Use[] {
  const host = lotQuestion(model)?.host;
  const uses: Use[] = [];
  if (host === undefined) return uses;
  for (const { lease } of model.leases.ofFeature(feature)) {
    if (lease.under === undefined && lease.id !== except) uses.push({ user: lease.user, host });
  }
  const hosts = hostsByLog(model);
  for (const [log, { used = [] }] of model.peers) {
    const other = log === model.self.log ? undefined : hosts.get(log);
    if (other === undefined) continue;
    for (const use of used) if (use.feature === feature) uses.push({ user: use.user, host: other });
  }
  return uses;
}

function hostsByLog(model: Model): ReadonlyMap<number, string> {
  const members = [...(model.applied?.version.roster.members.values() ?? [])];
  return new Map(
    members.flatMap(({ id, kind, logs }) =>
      kind === 'host' ? logs.map(({ log }): [number, string] => [log, id]) : [],
    ),
  );
}

/** Whether a limit stands in the way of a request, so that a seat from another host would be of no use to it. */
export function isLimited(model: Model, { feature, user }: CheckoutRequest): boolean {
  const question = lotQuestion(model);
  if (model.applied === null || question === null) return false;
  const { configuration } = model.applied;
  const uses = () => usesOf(model, feature);
  return !decideLimits({ configuration, feature, user, host: question.host, uses }).allow;
}
