import type { Surroundings } from '../adapters/paths.ts';
import type { IdlePolicy } from './idle.ts';

/** How an agent is run. */
export interface AgentOptions {
  readonly dataDir: string;
  /** Where counters of own logs lie, beside the data directory. */
  readonly stateDir: string;
  readonly socket?: string;
  readonly mode: 'on-demand' | 'service' | 'embedded';
  readonly idle: IdlePolicy;
  readonly passphrase: string | null;
  readonly around: Surroundings;
  readonly timeZone: string;
  /** Milliseconds for which an agent that is just closing is waited for; 5 s unless told. */
  readonly patience?: number;
  note(event: string, detail: unknown): void;
}

/** Why an agent stopped. */
export type StopReason = 'idle' | 'asked' | 'failed';
