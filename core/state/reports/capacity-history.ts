import { type Hash, type PrincipalId, type Seconds, seconds } from '../../units.ts';
import type { State } from '../state.ts';
import type { UsageSpan } from '../usage.ts';
import type { Version } from '../versions.ts';
import { HOUR } from './buckets.ts';
import { type CapacityStep, sameSeats } from './capacity.ts';

/** When which seats were there, and the hosts of the newest version. */
interface CapacityHistory {
  readonly features: ReadonlyMap<string, readonly CapacityStep[]>;
  readonly members: readonly PrincipalId[];
}

/**
 * The seats of each feature over a span. No record of a version says when it came into force: it is taken to have done so in the
 * hour of use that the first host to apply it signed next, or, where no host has, with the first term that it governs. A feature
 * that a version drops has no seats from then on.
 */
export function capacityHistory(state: State, { since, until }: UsageSpan): CapacityHistory {
  const { configurations, membership } = state;
  const starts = startsByApplying(state);
  const features = new Map<string, CapacityStep[]>();
  let from = Number.NEGATIVE_INFINITY;
  for (const version of membership.versions) {
    const registry = configurations.get(version.id)?.configuration.registry;
    if (registry === undefined) continue;
    // A version is in force only after the one before it.
    from = Math.max(from, starts.get(version.id) ?? startByTerm(version));
    if (from >= until) break;
    const begin = seconds(Math.max(from, since));
    const given = (id: string) => {
      const { overdraft = 0, seats = 0 } = registry.features[id] ?? {};
      return { seats, ...(overdraft === 0 ? {} : { overdraft }), version: version.version };
    };
    for (const id of new Set([...features.keys(), ...Object.keys(registry.features)])) {
      const steps = features.get(id) ?? [];
      features.set(id, steps);
      // What was over before the span began is of no use in it.
      if (steps.at(-1)?.from === begin) steps.pop();
      if (!sameSeats(steps.at(-1), given(id))) steps.push({ from: begin, ...given(id) });
    }
  }
  const members = [...(membership.versions.at(-1)?.roster.members.values() ?? [])];
  return { features, members: members.filter(({ kind }) => kind === 'host').map(({ id }) => id) };
}

/** The hour of use that the first host to apply each version signed next: hours of which it had nothing to say are not told apart. */
function startsByApplying({ ledger, usage }: State): ReadonlyMap<Hash, Seconds> {
  const starts = new Map<Hash, Seconds>();
  for (const [log, hours] of usage) {
    for (const record of ledger.logs.get(log) ?? []) {
      if (record.type !== 'applied') continue;
      const next = hours.find(({ seq }) => seq > record.seq)?.body;
      const last = hours.findLast(({ seq }) => seq < record.seq)?.body;
      if (next === undefined && last === undefined) continue;
      const begun = next?.hour ?? (last?.hour ?? 0) + HOUR;
      const known = starts.get(record.body.candidate) ?? Number.POSITIVE_INFINITY;
      starts.set(record.body.candidate, seconds(Math.min(begun, known)));
    }
  }
  return starts;
}

function startByTerm({ firstTerms, roster }: Version): number {
  const starts = [...firstTerms].map(([name, term]) => term * (roster.policy.classes.get(name)?.term ?? 0));
  return starts.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...starts);
}
