import type { Model } from '../../engine/model.ts';
import { waitingLine } from '../../engine/waiting-line.ts';
import { usageRecords } from '../../state/usage-records.ts';
import type { Body } from '../../wire/bodies.ts';
import type { FeatureOverview, OverviewPortion } from '../overview-report.ts';
import type { ReportContext } from './context.ts';
import { inOverdraft, sightings } from './sightings.ts';

const DAY = 86_400;

/** Uses of seats, and features, after which a portion ends: some hundred KB. */
const PORTION_USES = 2000;
const PORTION_FEATURES = 500;

/** Who uses what over the whole realm, as far as is known here: the features after one, and the hosts with the first of them. */
export function reportOverview(model: Model, context: ReportContext, after?: string): OverviewPortion {
  const { applied } = model;
  if (applied === null) return { features: [], hosts: [], next: null };
  const { hosts, uses } = sightings(model, applied, context);
  const denied = deniedToday(model);
  const registered = applied.configuration.registry.features;
  const ids = Object.keys(registered).sort();
  const features: FeatureOverview[] = [];
  let told = 0;
  for (const feature of ids.filter((id) => after === undefined || id > after)) {
    const { name = feature, overdraft = 0, seats = 0 } = registered[feature] ?? {};
    const known = inOverdraft(uses.get(feature) ?? [], seats, overdraft);
    features.push({
      ...{ feature, name, seats, overdraft },
      overdrawn: known.filter((use) => use.overdraft).length,
      uses: known,
      queue: queueFor(model, feature),
      deniedToday: denied === null ? null : (denied.get(feature) ?? 0),
    });
    told += known.length;
    if (told >= PORTION_USES || features.length >= PORTION_FEATURES) break;
  }
  const last = features.at(-1)?.feature ?? null;
  const next = last === null || last === ids.at(-1) ? null : last;
  return { features, hosts: after === undefined ? hosts : [], next };
}

/** Features of which more seats are known to be in use than there are, and by how many. */
export function overdrawnFeatures(model: Model, context: ReportContext) {
  const { applied } = model;
  const features = Object.entries(applied?.configuration.registry.features ?? {});
  const drawn = features.filter(([, { overdraft = 0 }]) => overdraft > 0);
  if (applied === null || drawn.length === 0) return [];
  const { uses } = sightings(model, applied, context);
  return drawn.flatMap(([feature, { overdraft = 0, seats }]) => {
    const overdrawn = inOverdraft(uses.get(feature) ?? [], seats, overdraft).filter((use) => use.overdraft);
    return overdrawn.length === 0 ? [] : [{ feature, overdraft, overdrawn: overdrawn.length }];
  });
}

function queueFor(model: Model, feature: string): FeatureOverview['queue'] {
  const waiting = waitingLine(model).filter(
    ({ request, ticket }) => ticket !== null && request.feature === feature,
  );
  return waiting.map(({ request, since }) => {
    const { pid, tool } = request.process;
    return { user: request.user, tool, pid, waited: Math.max(0, model.running - since) };
  });
}

function deniedToday(model: Model): ReadonlyMap<string, number> | null {
  const { state, time, usage } = model;
  if (time.lower === null) return null;
  const since = Math.floor(time.lower / DAY) * DAY;
  const counts = new Map<string, number>();
  const note = (feature: string, at: number) => {
    if (at >= since) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  };
  const noteAll = ({ denials, hour, names }: Body<'usage'>) => {
    for (const [feature, , at] of denials) note(names[feature] ?? '', hour + at);
  };
  for (const { record } of usageRecords(state, { since, until: Number.POSITIVE_INFINITY }))
    noteAll(record.body);
  for (const body of usage.waiting) noteAll(body);
  for (const { at, feature } of usage.denials) note(feature, at);
  return counts;
}
