import type { Seconds } from '../units.ts';
import type { SealedGrant } from '../wire/grant.ts';
import { NO_HASH } from '../wire/record.ts';
import { codesOf, counts, type GrantsBy, heldGrants } from './grants.ts';
import { boundsOf, endText, startText } from './period.ts';
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
  for (const [id, { overdraft = 0, seats, software }] of Object.entries(registry.features)) {
    const vendor = entryOf(registry.software, software)?.grantedBy;
    if (vendor === undefined) {
      if (overdraft > 0)
        report(`features.${id}.overdraft`, 'overdraft-not-granted', nobodyAllows(overdraft, software));
      continue;
    }
    const of = grants.filter(({ features }) => features.has(id));
    checkFeature(registry, { id, seats, overdraft, vendor }, of, report);
  }
  return problems;
}

/**
 * The overdraft of a feature that licence codes allow throughout its periods, as far as they can be read: signatures are
 * another matter, and so is the realm. Null where no vendor grants its seats.
 */
export function overdraftAllowed(registry: Registry, feature: string): number | null {
  const { software = '' } = entryOf(registry.features, feature) ?? {};
  if (entryOf(registry.software, software)?.grantedBy === undefined) return null;
  const held = heldGrants(registry, { realm: NO_HASH, signed: new Set(codesOf(registry)) });
  const grants = held.filter(counts).flatMap(({ grant }) => grant ?? []);
  const spans = spansOf(registry, feature);
  if (spans.length === 0) return 0;
  const least = spans.flatMap(({ from, until }) =>
    turns(grants, from, until).map((at) => grantedAt(grants, feature, at, 'overdraft')),
  );
  return Math.min(...least);
}

/** What a grant counts by feature. */
type Counted = 'features' | 'overdraft';

/** Seats of a feature, or seats beyond them, that grants give together at an instant. */
function grantedAt(grants: readonly SealedGrant[], feature: string, at: Seconds, what: Counted): number {
  return grants
    .filter(({ from, until }) => from <= at && at < until)
    .reduce((sum, grant) => sum + (grant[what].get(feature) ?? 0), 0);
}

function nobodyAllows(overdraft: number, software: string): string {
  return `${overdraft} seats beyond those there are, and nobody grants the seats of ${software}: leave overdraft out, or set software.${software}.grantedBy to the vendor whose licence codes allow them`;
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

/** A feature with the seats that it has and those that it may overdraw, and whoever grants them. */
interface Checked {
  readonly id: string;
  readonly seats: number;
  readonly overdraft: number;
  readonly vendor: string;
}

function checkFeature(
  registry: Registry,
  feature: Checked,
  grants: readonly SealedGrant[],
  report: Report,
): void {
  for (const { from, id, period, until } of spansOf(registry, feature.id)) {
    const gap = firstGap(grants, feature, from, until, 'features');
    if (gap === null) {
      checkOverdraft(feature, { from, id, until }, grants, report);
      continue;
    }
    if (gap.granted > 0) {
      const message = `${feature.seats} seats, ${gap.granted} are granted by ${feature.vendor} from ${startText(gap.at)} in the period ${id}: set seats=${gap.granted}, or import a licence code for more`;
      report(`features.${feature.id}.seats`, 'over-granted', message);
    } else if (gap.at > from) {
      const end = endText(gap.at);
      const message = `${feature.id} is granted by ${feature.vendor} until ${end}, the period ${period.until === undefined ? 'has no end' : `ends ${period.until}`}: set until=${end}, or import a licence code that goes on`;
      report(`periods.${id}.until`, 'not-granted', message);
    } else {
      const next = nextStart(grants, from, until);
      const message =
        next === null
          ? `nothing of ${feature.id} is granted by ${feature.vendor} in this period: import a licence code`
          : `${feature.id} is granted by ${feature.vendor} from ${startText(next)}, the period ${period.from === undefined ? 'has no beginning' : `begins ${period.from}`}: set from=${startText(next)}`;
      report(`periods.${id}.from`, 'not-granted', message);
    }
  }
}

function checkOverdraft(
  feature: Checked,
  { from, id, until }: { readonly id: string; readonly from: Seconds; readonly until: Seconds },
  grants: readonly SealedGrant[],
  report: Report,
): void {
  const { overdraft, vendor } = feature;
  const gap = firstGap(grants, feature, from, until, 'overdraft');
  if (gap === null) return;
  const message = `${overdraft} seats beyond those there are, ${gap.granted} are allowed by ${vendor} from ${startText(gap.at)} in the period ${id}: set overdraft=${gap.granted}, or import a licence code for more`;
  report(`features.${feature.id}.overdraft`, 'overdraft-not-granted', message);
}

/** The first instant of a span at which less is granted than the feature has. */
function firstGap(
  grants: readonly SealedGrant[],
  { id, overdraft, seats }: Checked,
  from: Seconds,
  until: Seconds,
  what: Counted,
): { readonly at: Seconds; readonly granted: number } | null {
  const wanted = what === 'features' ? seats : overdraft;
  for (const at of turns(grants, from, until)) {
    const granted = grantedAt(grants, id, at, what);
    if (granted < wanted) return { at, granted };
  }
  return null;
}

/** The instants of a span from which less may be granted: what is granted falls only where a grant ends. */
function turns(grants: readonly SealedGrant[], from: Seconds, until: Seconds): readonly Seconds[] {
  const ends = grants.map((grant) => grant.until).filter((end) => end > from && end < until);
  return [from, ...ends].sort((a, b) => a - b);
}

function spansOf(registry: Registry, feature: string) {
  return Object.entries(registry.periods).flatMap(([id, period]) => {
    const { from, until } = boundsOf(period);
    const isOf = from !== null && until !== null && featuresOf(registry, period).includes(feature);
    return isOf ? [{ id, period, from, until }] : [];
  });
}

function nextStart(grants: readonly SealedGrant[], from: Seconds, until: Seconds): Seconds | null {
  const starts = grants.map((grant) => grant.from).filter((start) => start > from && start < until);
  return starts.sort((a, b) => a - b)[0] ?? null;
}
