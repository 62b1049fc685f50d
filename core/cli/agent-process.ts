import { Fault, isFault } from '../errors.ts';
import { seconds } from '../units.ts';
import type { CommandIo } from './command-io.ts';
import type { AgentConnection } from './io.ts';
import { Refusal } from './refusal.ts';

/** Seconds between looks whether a stopping agent has let go of the data directory, and how many looks. */
const LOOK = seconds(0.05);
const LOOKS = 200;

const WHEN_BUSY = 'leasehold lease return --all, or --force';

/** The agent if one runs; null if none does. */
export async function runningAgent(io: CommandIo): Promise<AgentConnection | null> {
  try {
    return await io.agent({ spawn: false });
  } catch (error) {
    if (isFault(error, 'AGENT_UNAVAILABLE')) return null;
    throw error;
  }
}

/** Ends the command where no agent was found, but somebody holds the data directory all the same. */
export async function mustBeAtRest(io: CommandIo): Promise<void> {
  const { dataDir } = io.settings;
  const holder = await io.holderOf(dataDir);
  if (holder === null) return;
  const [who, how] =
    holder.pid === null ? ['a process', 'that process'] : [`process ${holder.pid}`, `it: kill ${holder.pid}`];
  const message = `${who} holds ${dataDir} and does not answer where its agent should`;
  throw new Refusal('UNREACHABLE', message, `name its socket with --agent-socket, or end ${how}`);
}

/** Starts the agent so that what was just written reaches the others; without one it waits for the next command. */
export async function wakeAgent(io: CommandIo): Promise<void> {
  try {
    // Anew: what was found before is the agent that this command has stopped, or that there was none.
    await io.reconnect();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    io.out.warn(`Nothing is sent yet: ${error.message}; try leasehold agent start`);
  }
}

/** Stops the agent; false if none ran. Ends the command where it has leases and is not forced. */
export async function stopRunningAgent(io: CommandIo, force: boolean): Promise<boolean> {
  const agent = await runningAgent(io);
  if (agent === null) return false;
  const { reason, stopping } = await agent.request('stop', { force });
  if (stopping) return true;
  throw new Refusal('BUSY', reason ?? 'the agent has work to finish', WHEN_BUSY);
}

/** Ends a dry run where `stopRunningAgent`, not forced, would: leases are open. */
export async function mustBeIdle(io: CommandIo): Promise<void> {
  const agent = await runningAgent(io);
  const { length } = agent === null ? [] : await agent.request('leases', {});
  if (length === 0) return;
  throw new Refusal('BUSY', length === 1 ? 'one lease is open' : `${length} leases are open`, WHEN_BUSY);
}

/** Does what needs the lock of the data directory, once an agent that is stopping has let go of it. */
export async function onceUnlocked<T>(io: CommandIo, work: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await work();
    } catch (error) {
      if (look === LOOKS || !isFault(error, 'STORE_LOCKED')) throw error;
    }
    await new Promise<void>((resolve) => io.after(LOOK, resolve));
  }
}
