import { createHmac, timingSafeEqual } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { dataPaths } from './data-directory.ts';

/** What a running agent says of itself to those who may read its data directory. */
export interface AgentFile {
  readonly pid: number;
  readonly version: string;
  readonly socket: string;
  /** 32 bytes in hex, new with every agent: whoever knows it may read the data directory. */
  readonly secret: string;
}

const FORMAT = 'leasehold-agent-1';
const HEX_32 = /^[0-9a-f]{64}$/;

const AgentFileSchema = z.object({
  format: z.literal(FORMAT),
  pid: z.int(),
  version: z.string(),
  socket: z.string(),
  secret: z.string().regex(HEX_32),
  directory: z.string(),
});

/** Writes `agent.json`; the caller holds the lock and listens already. Throws Fault as `writeAtomically`. */
export async function writeAgentFile(dataDir: string, file: AgentFile): Promise<void> {
  const directory = await realpath(dataDir);
  const text = `${JSON.stringify({ format: FORMAT, directory, ...file }, null, 2)}\n`;
  await writeAtomically(dataPaths(dataDir).agent, text);
}

/** The `agent.json` of a data directory; null where there is none, or none of this format and this directory. Throws Fault FILE_UNREADABLE. */
export async function readAgentFile(dataDir: string): Promise<AgentFile | null> {
  const text = await readIfThere(dataPaths(dataDir).agent);
  if (text === null) return null;
  try {
    const parsed = AgentFileSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { directory, pid, secret, socket, version } = parsed.data;
    // A copy of a data directory has the original's file in it, whose agent signs for the original.
    return directory === (await realpath(dataDir)) ? { pid, secret, socket, version } : null;
  } catch {
    return null;
  }
}

/** The client's half of the mutual proof: it can read the data directory. */
export function clientProof(secret: string, nonce: string): string {
  return proof(secret, 'client', nonce);
}

/** The agent's half, over both nonces: whoever squats on the socket's name cannot give it. */
export function agentProof(secret: string, clientNonce: string, agentNonce: string): string {
  return proof(secret, 'agent', clientNonce, agentNonce);
}

/** Whether a proof is the expected one, in constant time. */
export function isProof(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function proof(secret: string, ...parts: readonly string[]): string {
  const mac = createHmac('sha256', Buffer.from(secret, 'hex'));
  return mac.update(['leasehold', ...parts].join(' ')).digest('hex');
}
