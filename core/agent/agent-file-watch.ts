import { type AgentFile, readAgentFile, writeAgentFile } from './agent-file.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 1000;

/**
 * Puts `agent.json` back whenever it is not what the agent wrote: without it the agent runs, holds the lock, and nobody
 * finds it. The caller holds the lock. A disk that does not take it is tried again with the next look.
 */
export function keepAgentFile(dataDir: string, file: AgentFile): { stop(): Promise<void> } {
  let looking: Promise<void> | null = null;
  async function look(): Promise<void> {
    const found = await readAgentFile(dataDir);
    if (found?.secret !== file.secret) await writeAgentFile(dataDir, file);
  }
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  }, LOOK_EVERY);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
