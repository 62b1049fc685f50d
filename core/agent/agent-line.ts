import type { AgentClient } from './client.ts';

/** A connection to the agent that is made anew when it has broken and somebody needs it. */
export interface AgentLine {
  /** The connection that stands. Throws as `connectAgent`, or what the line was closed with. */
  agent(): Promise<AgentClient>;
  /** Calls when this connection has broken; returns how to stop. */
  onceGone(agent: AgentClient, then: () => void): () => void;
  /** Ends it for good; whoever asks for the connection from now on gets this error. */
  close(why: Error): Promise<void>;
}

/** Makes a line with a first connection, so that one who cannot connect is told at once. */
export async function agentLine(connect: () => Promise<AgentClient>): Promise<AgentLine> {
  const gone = new Map<AgentClient, Set<() => void>>();
  let closed: Error | null = null;
  let current: Promise<AgentClient> | null = null;
  const open = async (): Promise<AgentClient> => {
    try {
      const agent = await connect();
      gone.set(agent, new Set());
      void agent.closed.then(() => {
        const told = gone.get(agent) ?? [];
        gone.delete(agent);
        current = null;
        for (const then of told) then();
      });
      return agent;
    } catch (error) {
      current = null;
      throw error;
    }
  };
  const line: AgentLine = {
    async agent() {
      if (closed !== null) throw closed;
      current ??= open();
      return current;
    },
    onceGone(agent, then) {
      const told = gone.get(agent);
      if (told === undefined) queueMicrotask(then);
      else told.add(then);
      return () => void told?.delete(then);
    },
    async close(why) {
      closed = why;
      const agent = await current?.catch(() => null);
      await agent?.close();
    },
  };
  await line.agent();
  return line;
}
