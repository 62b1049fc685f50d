import { webClock } from '../adapters/clock-web.ts';
import { webCrypto } from '../adapters/crypto-webcrypto.ts';
import { systemRandom } from '../adapters/random.ts';
import { sha512 } from '../adapters/sha512-web.ts';
import type { Clock } from '../ports.ts';
import { mayStart as decide, type StartAnswer, type StartQuestion, type StartStorage } from './may-start.ts';
import { fetchPost } from './post.ts';

/** One clock for the life of a page, made when it is first asked: its name is chance, so that a reload starts afresh. */
let pageClock: Clock | null = null;

function clockOfPage(): Clock {
  pageClock ??= webClock({ timer: () => globalThis.performance.now(), wall: () => Date.now() }, systemRandom);
  return pageClock;
}

/** Whether a program in a page may start, by signed time alone; the evidence is kept in `storage`, such as `localStorage`. */
export function mayStart(question: StartQuestion & { readonly storage: StartStorage }): Promise<StartAnswer> {
  const { storage } = question;
  const crypto = webCrypto(globalThis.crypto.subtle);
  return decide(question, {
    ...{ clock: clockOfPage(), crypto, random: systemRandom, sha512, storage, post: fetchPost },
  });
}
