import { systemRandom } from '../../core/adapters/random.ts';
import { memoryStore } from '../../core/adapters/store-memory.ts';
import { loadTimeChain, type TimeChain } from '../../core/agent/time-chain.ts';
import { nodeCrypto } from './keys.ts';

/** A chain of questions that begins anew, and is kept in memory. */
export function emptyChain(store = memoryStore()): Promise<TimeChain> {
  return loadTimeChain(store, { crypto: nodeCrypto, random: systemRandom });
}
