import type { Configuration } from '../../core/state/compile.ts';
import type { Version } from '../../core/state/versions.ts';
import type { Hash } from '../../core/units.ts';
import type { SimHost } from './host.ts';
import type { Oracle } from './oracle.ts';
import type { Tool } from './tools.ts';

/** Watches over seats at true instants, with what all hosts together know. */
export interface SeatWatch {
  /** Takes note of what a host knows of versions. */
  learn(host: SimHost): void;
  /** Checks all leases that tools hold at a true instant. */
  check(tools: readonly Tool[], now: number): void;
}

interface KnownVersion {
  readonly version: Version;
  /** By class: the lowest first term that any host has proven. */
  readonly firstTerms: Map<string, number>;
  configuration: Configuration | null;
}

/** A watch that reports to an oracle. */
export function newSeatWatch(oracle: Oracle): SeatWatch {
  const known = new Map<Hash, KnownVersion>();
  const learned = new Map<SimHost, readonly Version[]>();

  let ordered: readonly KnownVersion[] = [];
  let classes: ReadonlyMap<string, { readonly term: number }> = new Map();
  let asOf = '';
  let present: readonly KnownVersion[] = [];

  function order(): void {
    ordered = [...known.values()].sort((a, b) => a.version.version - b.version.version);
    classes = new Map(ordered.flatMap(({ version }) => [...version.roster.policy.classes]));
    asOf = '';
  }

  // In force are the versions from the oldest that governs some class at this instant to the newest there is.
  function inForce(now: number): readonly KnownVersion[] {
    const indexes = [...classes].map(([name, { term }]) => [name, Math.floor(now / term)] as const);
    const instant = indexes.join();
    if (instant === asOf) return present;
    let oldest = ordered.length - 1;
    for (const [name, index] of indexes) {
      const governs = ordered.findLastIndex(({ firstTerms }) => (firstTerms.get(name) ?? Infinity) <= index);
      if (governs >= 0) oldest = Math.min(oldest, governs);
    }
    asOf = instant;
    present = ordered.slice(Math.max(0, oldest));
    return present;
  }

  return {
    learn(host) {
      const model = host.runtime?.model;
      if (model === undefined) return;
      const { configurations, membership } = model.state;
      const before = learned.get(host) ?? [];
      const versions = membership.versions;
      if (before.length === versions.length && before.every((version, i) => version === versions[i])) {
        if (versions.every(({ id, content }) => content === null || known.get(id)?.configuration)) return;
      }
      learned.set(host, [...versions]);
      for (const version of versions) {
        const entry = known.get(version.id) ?? { version, firstTerms: new Map(), configuration: null };
        known.set(version.id, entry);
        entry.configuration ??= configurations.get(version.id)?.configuration ?? null;
        for (const [name, term] of version.firstTerms) {
          entry.firstTerms.set(name, Math.min(term, entry.firstTerms.get(name) ?? term));
        }
      }
      order();
    },
    check(tools, now) {
      const held = tools.filter((tool) => tool.state === 'holding' && (tool.lease?.end ?? 0) > now);
      if (held.length === 0) return;
      const versions = inForce(now);
      const byFeature = new Map<string, Map<SimHost, number>>();
      for (const { host, lease } of held) {
        if (lease === null) continue;
        const counts = byFeature.get(lease.feature) ?? new Map<SimHost, number>();
        byFeature.set(lease.feature, counts.set(host, (counts.get(host) ?? 0) + 1));
      }
      for (const [feature, counts] of byFeature) {
        const seats = versions.map(
          ({ configuration }) => configuration?.registry.features[feature]?.seats ?? 0,
        );
        const sum = [...counts.values()].reduce((a, b) => a + b, 0);
        const numbers = versions.map(({ version }) => version.version).join(', ');
        if (sum > Math.max(...seats)) {
          oracle.fail('seats-of-feature', `${sum} of ${feature} are lent, versions ${numbers} have ${seats}`);
        }
        for (const [host, count] of counts) {
          const lots = versions.map(({ configuration }) =>
            configuration === null ? 0 : (configuration.lots.get(feature)?.get(host.device.id) ?? 0),
          );
          if (count > Math.max(...lots)) {
            oracle.fail('seats-of-lot', `${host.name} lends ${count} of ${feature}, its lots are ${lots}`);
          }
        }
      }
    },
  };
}
