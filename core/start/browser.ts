import { webCrypto } from '../adapters/crypto-webcrypto.ts';
import { systemRandom } from '../adapters/random.ts';
import { sha512 } from '../adapters/sha512-web.ts';
import type { Clock } from '../ports.ts';
import { seconds } from '../units.ts';
import { mayStart as decide, type StartAnswer, type StartQuestion, type StartStorage } from './may-start.ts';
import { fetchPost } from './post.ts';

/** A page knows no boot of the machine: its lower bounds stand over a reload, and anchors end with it. */
const pageClock: Clock = {
  running: () => seconds(globalThis.performance.now() / 1000),
  boot: () => null,
  wall: () => seconds(0),
};

/** Whether a program in a page may start, by signed time alone; the evidence is kept in `storage`, such as `localStorage`. */
export function mayStart(question: StartQuestion & { readonly storage: StartStorage }): Promise<StartAnswer> {
  const { storage } = question;
  const crypto = webCrypto(globalThis.crypto.subtle);
  return decide(question, {
    ...{ clock: pageClock, crypto, random: systemRandom, sha512, storage, post: fetchPost },
  });
}
