import type { FeatureReport, LeaseReport, StatusReport } from '../../core/agent/protocol.ts';
import type { RolloutHost, RolloutReport } from '../../core/agent/rollout-report.ts';
import { type Hash, type PrincipalId, seconds } from '../../core/units.ts';
import type { Said, Snapshot } from '../../extension/src/model/snapshot.ts';
import { QUIET } from './fake-agent.ts';

/** Signed time of what a window was told. */
export const NOW = 1_900_000_000;

/** What a window knows of a host on which nothing is going on, but for this. */
export function connected(
  said: Partial<Omit<Said, 'status'>> & { readonly status?: Partial<StatusReport> } = {},
): Snapshot {
  const { status, ...rest } = said;
  return {
    kind: 'connected',
    said: {
      status: { ...QUIET, ...status },
      ...{ features: [], unsigned: [], versions: [], rollout: null, drafted: 0 },
      overview: { features: [], hosts: [] },
      ...rest,
    },
  };
}

/** A seat of the solver in use for two hours. */
export function lease(changes: Partial<LeaseReport> = {}): LeaseReport {
  return {
    ...{ id: 'aa01', feature: 'sim.pro', user: 'ana' as PrincipalId, host: 'lab-3' as PrincipalId },
    process: { tool: 'solver', pid: 4802, startTime: null },
    ...{ tie: 'process', version: 42, since: seconds(NOW - 7200), end: seconds(NOW + 3600) },
    ...{ state: 'active', freesIn: null, idle: null },
    ...changes,
  };
}

/** A feature of five seats whose period is open for a year. */
export function feature(changes: Partial<FeatureReport> = {}): FeatureReport {
  return {
    ...{ id: 'sim.pro', name: 'Simulator Pro', seats: 5, lot: 3, inUse: 0, from: null },
    until: new Date(1000 * (NOW + 365 * 86_400)).toISOString(),
    time: [{ state: 'open', allow: true, sentence: '', changesAt: null }],
    reason: null,
    ...changes,
  };
}

/** A version that has all of its acks, with these hosts and what they wait for. */
export function rollout(hosts: readonly RolloutHost[], changes: Partial<RolloutReport> = {}): RolloutReport {
  return {
    ...{ version: 43, candidate: 'cd'.repeat(32) as Hash, certified: true, acks: 2, quorum: 2 },
    ...{ signatures: 1, needed: 1, message: 'Five more seats', refused: null, hosts },
    ...{ unreached: null, why: [], causes: [] },
    ...changes,
  };
}

/** A host in a rollout that has applied it. */
export function rolloutHost(changes: Partial<RolloutHost> = {}): RolloutHost {
  return {
    ...{ id: 'lab-3', name: 'Lab 3', voter: true, state: 'applied', acked: true, appliedVersion: 43 },
    ...{ restriction: null, lastSeen: NOW, held: 9, leases: [] },
    ...changes,
  };
}
