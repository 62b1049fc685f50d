import { join } from 'node:path';
import { readIfThere, writeAtomically } from '../adapters/atomic-file.ts';
import { systemClock } from '../adapters/clock-system.ts';
import { nodeCrypto } from '../adapters/crypto-node.ts';
import { systemRandom } from '../adapters/random.ts';
import { sha512 } from '../adapters/sha512-node.ts';
import { mayStart as decide, type StartAnswer, type StartQuestion, type StartStorage } from './may-start.ts';
import { fetchPost } from './post.ts';

/**
 * Whether a program may start, by signed time alone; the evidence is kept as files of `directory`, which is made if it is
 * missing. Throws TypeError for a question of wrong form, Fault STORE_UNWRITABLE, DISK_FULL, STORE_FAILED or FILE_UNREADABLE.
 */
export function mayStart(question: StartQuestion & { readonly directory: string }): Promise<StartAnswer> {
  const storage = filesIn(question.directory);
  return decide(question, {
    ...{ clock: systemClock(), crypto: nodeCrypto, random: systemRandom, sha512, storage, post: fetchPost },
  });
}

function filesIn(directory: string): StartStorage {
  return {
    getItem: (key) => readIfThere(join(directory, key)),
    setItem: (key, value) => writeAtomically(join(directory, key), value),
  };
}
