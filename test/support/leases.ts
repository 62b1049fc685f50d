import type { LeaseReport } from '../../core/agent/protocol.ts';
import type { CommandReason } from '../../core/engine/effect.ts';
import type { Lease } from '../../core/engine/lease.ts';
import { type Hash, type PrincipalId, seconds } from '../../core/units.ts';
import { type FakeAgent, fakeAgent } from './fake-agent.ts';
import { NOW } from './fake-io.ts';

/** A lease as the agent gives it. */
export const LEASE: Lease = {
  id: 'b1946ac92492d2347c62',
  secret: 'not to be shown',
  feature: 'sim.pro',
  user: 'ana' as PrincipalId,
  process: { tool: 'solver', pid: 4802, startTime: null },
  tie: 'process',
  host: 'lab-3' as PrincipalId,
  version: 42,
  versionId: '00'.repeat(32) as Hash,
  since: seconds(NOW - 7200),
  end: seconds(NOW + 600),
};
/** The same as it is reported. */
export const REPORT: LeaseReport = { ...reported(LEASE), state: 'active', freesIn: null, idle: null };
/** Another lease whose id begins alike. */
export const OTHER: LeaseReport = { ...REPORT, id: 'b2000000000000000000', feature: 'sim.mesh' };

function reported({ secret: _, versionId: __, ...rest }: Lease) {
  return rest;
}

/** An agent that grants every checkout and obeys every return. */
export function granting(answers: Parameters<typeof fakeAgent>[0] = {}): FakeAgent {
  return fakeAgent({ leases: () => [REPORT, OTHER], ...answers }, (command) => {
    if (command.do === 'checkout') return { ok: true, kind: 'lease', lease: LEASE, token: 'a.jwt.token' };
    if (command.do === 'return') return { ok: true, kind: 'returned', leases: [command.lease] };
    if (command.do === 'return-all') return { ok: true, kind: 'returned', leases: [] };
    if (command.do === 'remove') return { ok: true, kind: 'recorded', log: 7 as never, seq: 3 };
    return { ok: true, kind: 'done' };
  });
}

/** An agent that refuses everything for one reason. */
export function refusing(reason: CommandReason): FakeAgent {
  return fakeAgent({}, () => ({ ok: false, reason, detail: 'because' }));
}
