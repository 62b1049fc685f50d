import type { SeatHolder, SeatReport } from '../agent/seat-report.ts';
import type { AgentConnection } from './io.ts';

/** Where the seats of every feature are, or of one, put together from all portions. */
export async function allSeats(agent: AgentConnection, feature?: string): Promise<readonly SeatReport[]> {
  const reports = new Map<string, SeatReport>();
  const wanted = feature === undefined ? {} : { feature };
  let { features, next } = await agent.request('seats', wanted);
  for (;;) {
    for (const report of features) {
      const before = reports.get(report.feature);
      reports.set(report.feature, before === undefined ? joined([report]) : joined([before, report]));
    }
    if (next === null) return [...reports.values()];
    ({ features, next } = await agent.request('seats', { ...wanted, after: next }));
  }
}

function joined(parts: readonly [SeatReport, ...SeatReport[]]): SeatReport {
  const hosts = new Map<string, SeatHolder>();
  for (const holder of parts.flatMap((part) => part.hosts)) {
    const leases = [...(hosts.get(holder.host)?.leases ?? []), ...holder.leases];
    hosts.set(holder.host, { ...holder, leases });
  }
  return {
    ...parts[0],
    hosts: [...hosts.values()],
    moves: parts.flatMap(({ moves }) => moves),
    explained: parts.flatMap(({ explained }) => explained),
  };
}
