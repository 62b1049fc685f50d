import type { Seconds } from '../units.ts';
import type { SealedGrant } from '../wire/grant.ts';
import { counts, type GrantsBy, heldGrants } from './grants.ts';
import { endText, periodEnd, periodStart, startText } from './period.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { entryOf, type Registry } from './registry.ts';
import { featuresOf } from './rules.ts';

type Report = (path: string, code: ProblemCode, message: string) => void;

/** All that is wrong with a registry's licence codes, and with seats that none of them grants (DESIGN: seats, vendor grants). */
export function checkGrants(registry: Registry, by: GrantsBy): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, code, message) => problems.push({ path, code, message });
  checkVendors(registry, report);
  const held = heldGrants(registry, by);
  for (const { flaw, id } of held)
    if (flaw !== null) report(`grants.${id}.code`, `grant-${flaw.reason}`, flaw.message);
  const grants = held.filter(counts).flatMap(({ grant }) => grant ?? []);
  for (const [id, { seats, software }] of Object.entries(registry.features)) {
    const vendor = entryOf(registry.software, software)?.grantedBy;
    if (vendor === undefined) continue;
    const of = grants.filter(({ features }) => features.has(id));
    checkFeature(registry, { id, seats, vendor }, of, report);
  }
  return problems;
}

/** Seats of a feature that grants give together at an instant. */
function grantedAt(grants: readonly SealedGrant[], feature: string, at: Seconds): number {
  return grants
    .filter(({ from, until }) => from <= at && at < until)
    .reduce((sum, { features }) => sum + (features.get(feature) ?? 0), 0);
}

function checkVendors(registry: Registry, report: Report): void {
  for (const [id, { grantedBy }] of Object.entries(registry.software)) {
    if (grantedBy === undefined || entryOf(registry.vendors, grantedBy) !== undefined) continue;
    report(`software.${id}.grantedBy`, 'unknown-id', `there is no ${grantedBy} in vendors`);
  }
  const owners = new Map<string, string>();
  for (const [id, { keys }] of Object.entries(registry.vendors).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const key of keys) {
      const owner = owners.get(key);
      if (owner !== undefined) report(`vendors.${id}.keys`, 'key-twice', `${key} is ${owner}'s too`);
      owners.set(key, owner ?? id);
    }
  }
}

function checkFeature(
  registry: Registry,
  feature: { readonly id: string; readonly seats: number; readonly vendor: string },
  grants: readonly SealedGrant[],
  report: Report,
): void {
  for (const [id, period] of Object.entries(registry.periods)) {
    const [from, until] = [periodStart(period.from), periodEnd(period.until)];
    if (from === null || until === null || !featuresOf(registry, period).includes(feature.id)) continue;
    const gap = firstGap(grants, feature, from, until);
    if (gap === null) continue;
    if (gap.granted > 0) {
      const message = `${feature.seats} seats, ${gap.granted} are granted by ${feature.vendor} from ${startText(gap.at)} in the period ${id}: set seats=${gap.granted}, or import a licence code for more`;
      report(`features.${feature.id}.seats`, 'over-granted', message);
    } else if (gap.at > from) {
      const end = endText(gap.at);
      const message = `${feature.id} is granted by ${feature.vendor} until ${end}, the period ends ${period.until}: set until=${end}, or import a licence code that goes on`;
      report(`periods.${id}.until`, 'not-granted', message);
    } else {
      const next = nextStart(grants, from, until);
      const message =
        next === null
          ? `nothing of ${feature.id} is granted by ${feature.vendor} in this period: import a licence code`
          : `${feature.id} is granted by ${feature.vendor} from ${startText(next)}, the period begins ${period.from}: set from=${startText(next)}`;
      report(`periods.${id}.from`, 'not-granted', message);
    }
  }
}

/** The first instant of a span at which less is granted than there are seats. */
function firstGap(
  grants: readonly SealedGrant[],
  { id, seats }: { readonly id: string; readonly seats: number },
  from: Seconds,
  until: Seconds,
): { readonly at: Seconds; readonly granted: number } | null {
  // What is granted falls only where a grant ends.
  const ends = grants.map((grant) => grant.until).filter((end) => end > from && end < until);
  for (const at of [from, ...ends].sort((a, b) => a - b)) {
    const granted = grantedAt(grants, id, at);
    if (granted < seats) return { at, granted };
  }
  return null;
}

function nextStart(grants: readonly SealedGrant[], from: Seconds, until: Seconds): Seconds | null {
  const starts = grants.map((grant) => grant.from).filter((start) => start > from && start < until);
  return starts.sort((a, b) => a - b)[0] ?? null;
}
