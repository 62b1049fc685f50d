import { type PrincipalId, type Seconds, seconds } from '../../units.ts';
import type { State } from '../state.ts';
import type { UsageSpan } from '../usage.ts';
import { type CapacityStep, sameSeats } from './capacity.ts';
import { versionStarts } from './version-starts.ts';

/** When which seats were there, and the hosts of the newest version. */
interface CapacityHistory {
  readonly features: ReadonlyMap<string, readonly CapacityStep[]>;
  readonly members: readonly PrincipalId[];
}

/**
 * The seats of each feature over a span, from when on each version was in force; `upper` is before what time that is asked, if
 * known. A feature that a version drops has no seats from then on.
 */
export function capacityHistory(
  state: State,
  { since, until }: UsageSpan,
  upper: Seconds | null = null,
): CapacityHistory {
  const { configurations, membership } = state;
  const starts = versionStarts(state, upper);
  const features = new Map<string, CapacityStep[]>();
  for (const [i, version] of membership.versions.entries()) {
    const registry = configurations.get(version.id)?.configuration.registry;
    if (registry === undefined) continue;
    const from = starts[i] ?? Number.NEGATIVE_INFINITY;
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
