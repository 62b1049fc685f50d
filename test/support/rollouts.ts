import type { Methods } from '../../core/agent/protocol.ts';
import type { RolloutHost, RolloutReport } from '../../core/agent/rollout-report.ts';
import { type FakeAgent, fakeAgent } from './fake-agent.ts';
import { NOW } from './fake-io.ts';

/** A draft as the agent reports it. */
export type Draft = Methods['draft']['result'];

/** The candidate of every rollout here. */
export const CANDIDATE = 'c4'.repeat(32);
const DRAFT: Draft = {
  base: 42,
  changes: [{ path: 'features.sim.pro.seats', kind: 'changed', before: 8, after: 9 }],
  summary: ['features.sim.pro.seats: 8 → 9'],
  problems: [],
  newcomers: [],
  contested: [],
};
const LEASE = {
  id: 'b1946ac92492d2347c62',
  feature: 'sim.pro',
  user: 'ana',
  tool: 'solver',
  pid: 4802,
  since: NOW - 60,
  end: NOW + 600,
};

/** A host that has acked version 43. */
export function host(id: string, change: Partial<RolloutHost> = {}): RolloutHost {
  return {
    id,
    name: id.toUpperCase(),
    voter: true,
    state: 'acked',
    acked: true,
    appliedVersion: 42,
    restriction: null,
    lastSeen: NOW - 90,
    held: 12,
    leases: [],
    ...change,
  };
}

const LEFT = {
  kind: 'lease',
  ...{ host: 'lab-3', lease: LEASE.id, feature: 'sim.pro', user: 'ana', tool: 'solver', pid: 4802 },
  ...{ since: LEASE.since, until: LEASE.end },
  text: 'lab-3 still has sim.pro of ana in solver (4802), until 17:56 at the latest',
} as const;

/** Version 43, certified, with one lease left on lab-3. */
export function rollout(change: Partial<RolloutReport> = {}): RolloutReport {
  return {
    version: 43,
    candidate: CANDIDATE,
    certified: true,
    acks: 2,
    quorum: 2,
    signatures: 1,
    needed: 1,
    message: 'More seats',
    refused: null,
    unreached: null,
    hosts: [host('lab-3', { state: 'draining', leases: [LEASE] }), host('ws01')],
    why: [LEFT.text],
    causes: [LEFT],
    ...change,
  };
}

/** Version 43, applied by both hosts. */
export const EVERYWHERE = rollout({
  hosts: [
    host('lab-3', { state: 'applied', appliedVersion: 43 }),
    host('ws01', { state: 'applied', appliedVersion: 43 }),
  ],
  why: [],
  causes: [],
});

/** An agent whose rollout goes through these reports, one at each push. */
export function rollingOut(reports: readonly (RolloutReport | null)[], draft: Partial<Draft> = {}) {
  let at = 0;
  const agent = fakeAgent(
    { rollout: () => reports[at] ?? null, draft: () => ({ ...DRAFT, ...draft }) },
    (command) =>
      command.do === 'publish'
        ? {
            ok: true,
            kind: 'published',
            version: 43,
            candidate: CANDIDATE,
            signatures: 1,
            needed: 1,
            admitted: ['ws02'],
          }
        : { ok: true, kind: 'done' },
  );
  const advance = () => {
    at = Math.min(at + 1, reports.length - 1);
    agent.push({ event: 'rollout', version: 43, state: 'x' });
  };
  return { agent, advance };
}

/** What the agent was told to publish. */
export function published(agent: FakeAgent) {
  return agent.commands.filter((command) => command.do === 'publish');
}
