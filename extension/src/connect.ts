import { dataDirectory } from '../../core/adapters/paths.ts';
import { type AgentClient, connectAgent } from '../../core/agent/client.ts';
import { currentSurroundings } from '../../core/agent/surroundings.ts';
import { VERSION } from '../../core/agent/version.ts';

/** Seconds for finding an agent or starting one. */
const TIMEOUT = 10;

/** The data directory: LEASEHOLD_DATA_DIR, what the settings say, or the user's own. */
export function dataDirOf(setting: string): string {
  const around = currentSurroundings();
  const said = around.env.LEASEHOLD_DATA_DIR;
  return said || setting === '' ? dataDirectory(around) : setting;
}

/** Finds the agent of a data directory, or starts the program at `agentMain`. Throws as `connectAgent`. */
export function connectWindow(dataDir: string, agentMain: string): Promise<AgentClient> {
  return connectAgent({ dataDir, agentMain, spawn: true, timeout: TIMEOUT, client: `vscode/${VERSION}` });
}
