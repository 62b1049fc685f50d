import { foldUsage, type UsageEntry, type UsageLog, type UsageSpan } from '../state/usage.ts';
import type { AgentConnection } from './client.ts';
import type { Methods } from './protocol.ts';

/** The use that the agent knows of in a span, fetched in portions that leave it time for its leases, and joined here. Throws what `request` throws. */
export async function fetchUsage(
  agent: Pick<AgentConnection, 'request'>,
  span: UsageSpan,
): Promise<UsageLog> {
  const entries: UsageEntry[] = [];
  let after: Methods['usage']['result']['next'] = null;
  do {
    const params: Methods['usage']['params'] = { ...span, ...(after === null ? {} : { after }) };
    const portion: Methods['usage']['result'] = await agent.request('usage', params);
    for (const entry of portion.entries) entries.push(entry);
    after = portion.next;
  } while (after !== null);
  return foldUsage(entries, span);
}
