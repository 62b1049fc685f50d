import type { RealmOverview } from '../agent/overview-report.ts';
import type { AgentConnection } from './io.ts';

/** The whole overview, portion by portion. */
export async function overviewOf(agent: AgentConnection): Promise<RealmOverview> {
  const { features: first, hosts, next } = await agent.request('overview', {});
  const features = [...first];
  for (let after = next; after !== null; ) {
    const portion = await agent.request('overview', { after });
    features.push(...portion.features);
    after = portion.next;
  }
  return { features, hosts };
}
