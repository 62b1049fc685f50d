import type { AgentConnection } from '../../core/agent/client.ts';
import { overviewOf } from '../../core/cli/overview-reading.ts';
import type { Said } from './model/snapshot.ts';

/**
 * Asks the agent for what the views show. Versions, rollout and draft are asked for only where somebody looks at them,
 * and are as `before` otherwise. Throws Fault AGENT_UNAVAILABLE.
 */
export async function readSaid(
  agent: AgentConnection,
  before: Said | null,
  withConfiguration: boolean,
): Promise<Said> {
  const [status, features, unsigned, overview] = await Promise.all([
    agent.request('status', {}),
    agent.request('features', {}),
    agent.request('unsigned', {}),
    overviewOf(agent),
  ]);
  const rest = withConfiguration
    ? await configurationOf(agent)
    : {
        versions: before?.versions ?? [],
        rollout: before?.rollout ?? null,
        drafted: before?.drafted ?? 0,
      };
  return { status, features, unsigned, overview, ...rest };
}

async function configurationOf(
  agent: AgentConnection,
): Promise<Pick<Said, 'versions' | 'rollout' | 'drafted'>> {
  const [versions, rollout, draft] = await Promise.all([
    agent.request('versions', {}),
    agent.request('rollout', { version: null }),
    agent.request('draft', {}),
  ]);
  return { versions, rollout, drafted: draft.changes.length + draft.newcomers.length };
}
