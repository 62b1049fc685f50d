import { join } from 'node:path';

/** Where the parts of a data directory lie, beside `realm.json`. */
interface DataPaths {
  /** LevelDB; its lock is the lock of the whole directory. */
  readonly store: string;
  readonly identity: string;
  /** Where the agent listens, and the secret by which agent and clients know each other. */
  readonly agent: string;
  readonly log: string;
  /** Made by the client that starts an agent; its age tells when another may try. */
  readonly spawning: string;
  readonly schedule: string;
  readonly presence: string;
}

/** The paths under a data directory. */
export function dataPaths(dataDir: string): DataPaths {
  return {
    store: join(dataDir, 'store'),
    identity: join(dataDir, 'identity.json'),
    agent: join(dataDir, 'agent.json'),
    log: join(dataDir, 'agent.log'),
    spawning: join(dataDir, 'agent.spawning'),
    schedule: join(dataDir, 'schedule.json'),
    presence: join(dataDir, 'presence.json'),
  };
}
