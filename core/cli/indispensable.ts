import { isFault } from '../errors.ts';
import { quorumOf } from '../state/quorum.ts';
import type { Registry } from '../state/registry.ts';
import { runningAgent } from './agent-process.ts';
import type { CommandIo } from './command-io.ts';

/** What a realm can do no more without a principal's present key, in a sentence; null if it can do everything. */
export function lossOf({ hosts, people, policy }: Registry, principal: string): string | null {
  const members = Object.entries({ ...people, ...hosts }).filter(
    ([, { logs }]) => Object.keys(logs ?? {}).length > 0,
  );
  const withRole = (role: 'voter' | 'issuer') =>
    members.filter(([, { roles }]) => roles?.includes(role) === true).map(([id]) => id);
  const [issuers, voters] = [withRole('issuer'), withRole('voter')];
  const leftOf = (ids: readonly string[]) => ids.filter((id) => id !== principal).length;
  if (voters.includes(principal) && leftOf(voters) < quorumOf(voters.length, policy.liars)) {
    return `${principal} is one of ${voters.length} voters: without it no version can be certified any more`;
  }
  if (issuers.includes(principal) && leftOf(issuers) < policy.issuers) {
    return `${principal} is one of ${issuers.length} issuers: without it no version can be signed any more`;
  }
  return null;
}

/** The registry of the newest version, of an agent that may be running or is started. */
export async function newestRegistry(io: CommandIo): Promise<Registry> {
  const agent = (await runningAgent(io)) ?? (await io.reconnect());
  const { newest } = await agent.request('status', {});
  const { registry } = await agent.request('registry', { version: newest ?? 'draft' });
  return registry as Registry;
}

/** What the realm would lose as far as can be told here. A store that cannot be opened is a reason to begin anew, not one against it. */
export async function lossNow(io: CommandIo, principal: string): Promise<string | null> {
  try {
    return lossOf(await newestRegistry(io), principal);
  } catch (error) {
    if (!isFault(error)) throw error;
    io.out.warn(`Whether the realm can decide without the old key is not known: ${error.message}`);
    return null;
  }
}
